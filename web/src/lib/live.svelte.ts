// The guild's events as they happen. fetch reads the stream, because EventSource can
// send no access token.
import { guildApi } from './api';
import { read } from './http';
import type { TrailEntry } from './model';
import { isAbort, toProblem } from './problem';
import { touch } from './query.svelte';
import { EventReader, type ServerEvent } from './sse';
import { topicsOf } from './topics';

/** Longer than two heartbeats: a connection that is silent so long is dead. */
const silence = 40_000;

type Listener = (entry: TrailEntry) => void;

class Live {
  /** "up" once the stream is there; "down" while it is tried again. */
  state = $state<'off' | 'up' | 'down'>('off');
  #guild = '';
  #stop: AbortController | null = null;
  #listeners = new Set<Listener>();
  #wake: (() => void) | null = null;

  constructor() {
    addEventListener('online', () => this.#wake?.());
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') this.#wake?.();
    });
  }

  /** Follows a guild, and no other; '' follows none. */
  follow(guild: string): void {
    if (guild === this.#guild) return;
    this.#guild = guild;
    this.#stop?.abort();
    this.state = 'off';
    if (guild === '') return;
    this.#stop = new AbortController();
    void this.#run(guild, this.#stop.signal);
  }

  /** Has a stream that is down tried again at once. */
  wake(): void {
    this.#wake?.();
  }

  listen(hear: Listener): () => void {
    this.#listeners.add(hear);
    return () => this.#listeners.delete(hear);
  }

  async #run(guild: string, signal: AbortSignal): Promise<void> {
    const place = { last: '' };
    for (let tries = 0; !signal.aborted; ) {
      const began = Date.now();
      let wait = 0;
      try {
        await this.#stream(guild, place, signal);
      } catch (err) {
        if (signal.aborted) return;
        const p = toProblem(err);
        if (p.status === 403 || p.status === 404) {
          this.state = 'off';
          return;
        }
        wait = p.retryAfter * 1000;
      }
      if (signal.aborted) return;
      this.state = 'down';
      tries = Date.now() - began > silence ? 0 : tries + 1;
      await this.#sleep(Math.max(wait, Math.min(30_000, 500 * 2 ** tries) * (0.5 + Math.random() / 2)), signal);
    }
  }

  async #stream(guild: string, place: { last: string }, signal: AbortSignal): Promise<void> {
    const attempt = new AbortController();
    const give = (): void => attempt.abort();
    signal.addEventListener('abort', give);
    let timer = setTimeout(give, silence);
    try {
      const answer = await guildApi(guild).events(place.last, attempt.signal);
      if (!answer.ok || !answer.body) await read(answer); // throws
      if (!answer.body) return;
      const missed = this.state === 'down' && place.last === '';
      this.state = 'up';
      if (missed) touch('all');
      const reader = new EventReader();
      const text = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { done, value } = await text.read();
        if (done) return;
        clearTimeout(timer);
        timer = setTimeout(give, silence);
        for (const e of reader.push(value)) this.#hear(e, place);
      }
    } catch (err) {
      if (isAbort(err) && !signal.aborted) return; // silent for too long
      throw err;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', give);
      attempt.abort();
    }
  }

  #hear(e: ServerEvent, place: { last: string }): void {
    if (e.kind === 'reset') {
      place.last = e.id ?? '';
      touch('all');
      return;
    }
    if (e.id !== null) place.last = e.id;
    if (e.kind === '') return;
    touch(topicsOf(e.kind));
    let entry: TrailEntry;
    try {
      entry = JSON.parse(e.data) as TrailEntry;
    } catch {
      return; // nothing to show, but what it concerns is read again
    }
    for (const hear of this.#listeners) hear(entry);
  }

  #sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((done) => {
      const timer = setTimeout(end, ms);
      const wake = (): void => end();
      this.#wake = wake;
      signal.addEventListener('abort', wake);
      function end(): void {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        done();
      }
    });
  }
}

export const live = new Live();
