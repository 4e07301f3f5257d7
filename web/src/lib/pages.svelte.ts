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

type Parts = Record<string, string>;

/** Whether an address has these parts; '' is one that it has not. */
export const says = (query: URLSearchParams, parts: Parts): boolean => Object.entries(parts).every(([name, value]) => (query.get(name) ?? '') === value);

/** Whether an address is a screen's, or that of something shown on it. */
export const within = (path: string, screen: string): boolean => path === screen || path.startsWith(screen + '/');

/**
 * Keeps what a list is narrowed to in the address, and begins at its first page when that
 * changes. Where the address changes by itself, as by a link to the whole list, the list is
 * told to follow.
 */
export function narrowed(pages: Pages, parts: () => Parts, follow: (query: URLSearchParams) => void): void {
  const screen = router.path.split('/').slice(0, 4).join('/'); // "/guilds/1/members"
  let before: Parts | null = null;
  $effect(() => {
    const { path, query } = router;
    untrack(() => {
      if (before && within(path, screen) && !says(query, before)) follow(query);
    });
  });
  $effect(() => {
    const now = parts();
    untrack(() => {
      if (before && JSON.stringify(before) !== JSON.stringify(now)) pages.first();
      before = now;
      router.set(now);
    });
  });
}
