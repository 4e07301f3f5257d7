/** Finds the parts of a path that a pattern names: "/guilds/:guild". */
export function match(pattern: string, path: string): Record<string, string> | null {
  const want = pattern.split('/');
  const have = path.replace(/\/+$/, '').split('/');
  if (path === '/' ? pattern !== '/' : want.length !== have.length) return null;
  const out: Record<string, string> = {};
  for (const [i, part] of want.entries()) {
    const is = have[i] ?? '';
    if (part.startsWith(':')) {
      if (is === '') return null;
      try {
        out[part.slice(1)] = decodeURIComponent(is);
      } catch {
        return null;
      }
    } else if (part !== is) return null;
  }
  return out;
}
