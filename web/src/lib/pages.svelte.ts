import { untrack } from 'svelte';
import { router } from './router.svelte';

/** Where one is in a list that is read page by page. Each page knows where the next begins. */
export class Pages {
  #starts = $state.raw<string[]>(['']);

  readonly cursor = $derived(this.#starts.at(-1) ?? '');
  readonly number = $derived(this.#starts.length);

  forward(cursor: string): void {
    if (cursor === this.cursor) return; // pressed again, before the page is there
    this.#starts = [...this.#starts, cursor];
  }
  back(): void {
    if (this.#starts.length > 1) this.#starts = this.#starts.slice(0, -1);
  }
  /** When what is listed is another. */
  first(): void {
    if (this.#starts.length > 1) this.#starts = [''];
  }
}

/** Keeps what a list is narrowed to in the address, and begins at its first page when that changes. */
export function narrowed(pages: Pages, parts: () => Record<string, string>): void {
  let before = '';
  $effect(() => {
    const now = parts();
    untrack(() => {
      const text = JSON.stringify(now);
      router.set(now);
      if (before !== '' && before !== text) pages.first();
      before = text;
    });
  });
}
