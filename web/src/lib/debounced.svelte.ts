/** A text as typed, once the typing pauses. */
export function settled(text: () => string, after = 200): { readonly now: string } {
  let now = $state(text());
  $effect(() => {
    const next = text();
    const timer = setTimeout(() => (now = next), next === '' ? 0 : after);
    return () => clearTimeout(timer);
  });
  return {
    get now() {
      return now;
    },
  };
}
