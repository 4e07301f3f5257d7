// Paths without a hash: web.go and netlify.toml answer all of them with the page.

/** Decides whether a page may be left. */
export type Guard = () => Promise<boolean>;

class Router {
  path = $state(location.pathname);
  query = $state.raw(new URLSearchParams(location.search));
  #guard: Guard | null = null;
  #here = location.pathname + location.search;

  constructor() {
    addEventListener('popstate', () => void this.#back());
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
    if (new URL(to, location.origin).pathname !== this.path && !(await this.#leave())) return;
    history[replace ? 'replaceState' : 'pushState'](null, '', to);
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
    history.replaceState(null, '', location.pathname + (search ? '?' + search : ''));
    this.#arrive();
  }

  /** Has a page ask before it is left. Returns what ends that. */
  guard(ask: Guard): () => void {
    this.#guard = ask;
    return () => {
      if (this.#guard === ask) this.#guard = null;
    };
  }

  async #leave(): Promise<boolean> {
    return this.#guard === null || (await this.#guard());
  }

  async #back(): Promise<void> {
    if (this.#guard === null || location.pathname === this.path) {
      this.#arrive();
      return;
    }
    const to = location.pathname + location.search;
    history.pushState(null, '', this.#here); // stays, while it asks
    if (await this.#leave()) {
      history.pushState(null, '', to);
      this.#arrive();
    }
  }

  #arrive(): void {
    this.#here = location.pathname + location.search;
    if (this.path !== location.pathname) this.#guard = null;
    this.path = location.pathname;
    this.query = new URLSearchParams(location.search);
  }
}

export const router = new Router();
