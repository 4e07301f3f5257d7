// Paths without a hash: web.go and netlify.toml answer all of them with the page.

/** Decides whether a page may be left. */
export type Guard = () => Promise<boolean>;

class Router {
  path = $state(location.pathname);
  query = $state.raw(new URLSearchParams(location.search));
  #guard: Guard | null = null;
  #here = location.pathname + location.search;
  /** The place of what is shown in the browser's history, as its entries' states have it. */
  #at = 0;

  constructor() {
    this.#at = this.#place() ?? 0;
    history.replaceState({ at: this.#at }, '');
    addEventListener('popstate', () => void this.#moved());
    document.addEventListener('click', (e) => {
      if (e.defaultPrevented || e.button !== 0 || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey) return;
      const a = (e.target as Element | null)?.closest?.('a');
      if (!a || a.target || a.hasAttribute('download') || a.origin !== location.origin || !/^\/(?!api\/|playground)/.test(a.pathname)) return;
      e.preventDefault();
      void this.go(a.pathname + a.search);
    });
  }

  /** Goes to an address of this page, unless what is there may not be left yet. */
  async go(to: string, replace = false): Promise<void> {
    if (to === this.#here) return;
    if (new URL(to, location.origin).pathname !== this.path && !(await this.leaves())) return;
    if (replace) history.replaceState({ at: this.#at }, '', to);
    else history.pushState({ at: ++this.#at }, '', to);
    this.#arrive();
  }

  /** Changes parts of the query where one is; '' removes a part. */
  set(parts: Record<string, string>): void {
    const next = new URLSearchParams(location.search);
    for (const [name, value] of Object.entries(parts)) {
      if (value === '') next.delete(name);
      else next.set(name, value);
    }
    const search = next.toString();
    history.replaceState({ at: this.#at }, '', location.pathname + (search ? '?' + search : ''));
    this.#arrive();
  }

  /** Has a page ask before it is left, until what is returned is called. */
  guard(ask: Guard): () => void {
    this.#guard = ask;
    return () => {
      if (this.#guard === ask) this.#guard = null;
    };
  }

  /** Whether what is shown may go, as by signing out. Asks, where that would lose something. */
  async leaves(): Promise<boolean> {
    return this.#guard === null || (await this.#guard());
  }

  /** Back, forward, or an entry that something else than the router has added. */
  async #moved(): Promise<void> {
    let to = this.#place();
    if (to === null) history.replaceState({ at: (to = this.#at + 1) }, '');
    const by = to - this.#at;
    if (this.#guard === null || by === 0 || location.pathname === this.path) {
      this.#at = to;
      this.#arrive();
      return;
    }
    history.go(-by); // stays, while it asks
    if (!(await this.leaves())) return;
    this.#guard = null;
    history.go(by);
  }

  #place(): number | null {
    const at = (history.state as { at?: unknown } | null)?.at;
    return typeof at === 'number' ? at : null;
  }

  #arrive(): void {
    this.#here = location.pathname + location.search;
    this.path = location.pathname;
    this.query = new URLSearchParams(location.search);
  }
}

export const router = new Router();
