import { untrack } from 'svelte';
import { isAbort, toProblem, type Problem } from './problem';
import type { Topic } from './topics';

/** What was read lately, so that a screen that is opened again has something to show at once. */
const kept = new Map<string, unknown>();
const most = 60;

const open = new Set<Query<unknown>>();

/** How soon an event is followed by a look, and how often at most. */
const soon = 150;
const pause = 1000;
/** A read that takes longer is given up when there is something new to read. */
const patience = 30_000;

/** One thing that a screen shows, read again whenever it may have changed. */
export class Query<T> {
  data = $state.raw<T>();
  error = $state.raw<Problem | null>(null);
  loading = $state(false);
  /** What data belongs to: while another key is loading, the old data stays on screen. */
  key = $state('');

  #wanted = $state.raw<string | null>(null);
  #load: (signal: AbortSignal) => Promise<T>;
  #request: AbortController | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #last = 0;
  #tries = 0;
  #missed = false;

  constructor(
    readonly topics: readonly Topic[],
    load: (signal: AbortSignal) => Promise<T>,
  ) {
    this.#load = load;
  }

  /** Whether data is of another key than the wanted one. */
  get stale(): boolean {
    return this.data !== undefined && this.key !== this.#wanted;
  }

  want(key: string | null, keep: boolean): void {
    this.#wanted = key;
    this.#request?.abort();
    clearTimeout(this.#timer);
    this.error = null;
    this.#tries = 0;
    if (key === null) {
      this.data = undefined;
      this.loading = false;
      return;
    }
    const had = kept.get(key) as T | undefined;
    if (had !== undefined || !keep) {
      this.data = had;
      this.key = key;
    }
    void this.refresh();
  }

  /** Reads now. What is on screen stays until the answer is there. */
  refresh = async (): Promise<void> => {
    const key = this.#wanted;
    if (key === null) return;
    this.#request?.abort();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const request = (this.#request = new AbortController());
    this.loading = true;
    this.#missed = false;
    this.#last = Date.now();
    try {
      const data = await this.#load(request.signal);
      if (request.signal.aborted) return;
      this.data = data;
      this.key = key;
      this.error = null;
      this.#tries = 0;
      keep(key, data);
    } catch (err) {
      if (isAbort(err) || request.signal.aborted) return;
      this.error = toProblem(err);
      if (this.error.unsettled || this.error.status === 429) this.#again(Math.max(this.error.retryAfter * 1000, Math.min(30_000, 2000 * 2 ** this.#tries++)));
    } finally {
      if (this.#request === request) {
        this.loading = false;
        if (this.#missed) this.touch();
      }
    }
  };

  /**
   * Reads soon, once for all that happens meanwhile. A read under way goes on, or on a slow
   * line in a busy server none would ever end; it is followed by another.
   */
  touch(): void {
    if (this.#timer !== undefined || this.#wanted === null) return;
    if (this.loading && Date.now() - this.#last < patience) {
      this.#missed = true;
      return;
    }
    this.#again(Math.max(soon, this.#last + pause - Date.now()));
  }

  #again(after: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.refresh(), after);
  }

  /** Shows something before the server has said so, or what a write has answered. */
  put(data: T): void {
    this.data = data;
    if (this.#wanted !== null) keep(this.#wanted, data);
  }

  end(): void {
    this.#wanted = null;
    this.#request?.abort();
    clearTimeout(this.#timer);
  }
}

function keep(key: string, data: unknown): void {
  kept.delete(key);
  kept.set(key, data);
  for (const oldest of kept.keys()) {
    if (kept.size <= most) break;
    kept.delete(oldest);
  }
}

/**
 * A query of a component: it is read when the key changes (null: nothing is wanted), when
 * an event concerns one of its topics, and when the connection is back. With keep, what
 * belongs to the last key stays until the new is there.
 */
export function query<T>(topics: readonly Topic[], key: () => string | null, load: (signal: AbortSignal) => Promise<T>, keepOld = false): Query<T> {
  const q = new Query<T>(topics, (signal) => untrack(() => load(signal)));
  $effect(() => {
    const k = key();
    untrack(() => q.want(k, keepOld));
  });
  $effect(() => {
    open.add(q as Query<unknown>);
    return () => {
      open.delete(q as Query<unknown>);
      q.end();
    };
  });
  return q;
}

/** How often what changes without an event is read. */
const often = 15_000;

/** Reads again and again while the page is in sight: Discord's answers to deliveries are no events. */
export function repeat(q: Pick<Query<unknown>, 'touch'>): () => void {
  const timer = setInterval(() => {
    if (document.visibilityState === 'visible') q.touch();
  }, often);
  return () => clearInterval(timer);
}

/** Has what shows one of these topics read again. */
export function touch(topics: readonly Topic[] | 'all'): void {
  for (const q of open) if (topics === 'all' || q.topics.some((t) => topics.includes(t))) q.touch();
}

/** Forgets what was read, for somebody else signs in. */
export function forget(): void {
  kept.clear();
}
