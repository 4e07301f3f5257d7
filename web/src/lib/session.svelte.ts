// Who is signed in. The access token is in this page's memory and nowhere else; the
// refresh token is a cookie that no script can read.
import { read, send } from './http';
import type { Account, Session as Granted } from './model';
import { Problem, toProblem } from './problem';

/** Says that there may be a refresh cookie, so that nobody is asked in vain. */
const hint = {
  get: (): boolean => {
    try {
      return localStorage.getItem('coffer.session') !== null;
    } catch {
      return true;
    }
  },
  set: (on: boolean): void => {
    try {
      if (on) localStorage.setItem('coffer.session', '1');
      else localStorage.removeItem('coffer.session');
    } catch {
      // storage is refused: the cookie is tried each time
    }
  },
};

/** What tabs tell each other. */
type Word = { kind: 'granted'; granted: Granted; until: number } | { kind: 'out' };

/** Renewed this long before its end, so that requests do not fail first. */
const margin = 30_000;

class Session {
  state = $state<'starting' | 'in' | 'out' | 'unreachable'>('starting');
  /** Who is signed in, or was until the session ended. */
  account = $state.raw<Account | null>(null);
  /** Whether somebody was signed in here and is not any more, without having signed out here: he goes on where he was. */
  ended = $state(false);

  #token = '';
  #until = 0;
  #renewing: Promise<string> | null = null;
  #tabs = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('coffer.session');

  constructor() {
    if (this.#tabs) {
      this.#tabs.onmessage = (e: MessageEvent<Word>) => {
        if (e.data.kind === 'granted') this.#take(e.data.granted, e.data.until);
        else this.#drop();
      };
    }
  }

  /** Whether somebody was signed in in this browser when it was last open. */
  get expected(): boolean {
    return hint.get();
  }

  /** Finds out whether the cookie still stands for somebody. */
  async start(): Promise<void> {
    if (new URLSearchParams(location.search).has('sign_in_error')) hint.set(false); // Discord let nobody in
    if (!hint.get()) {
      this.state = 'out';
      return;
    }
    try {
      await this.renew('');
    } catch (err) {
      if (toProblem(err).status === 401) this.state = 'out';
      else this.state = 'unreachable';
    }
  }

  async signIn(username: string, password: string): Promise<void> {
    const answer = await send('/api/auth/login', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ username, password }),
    });
    this.#grant(await read<Granted>(answer));
  }

  /**
   * Whether somebody has signed in elsewhere, where this tab was not told: it slept, or no
   * tab can tell another.
   */
  async look(): Promise<void> {
    if (!this.ended || !hint.get()) return;
    this.#renewing ??= this.#alone('').finally(() => (this.#renewing = null));
    await this.#renewing.catch(() => undefined); // the sign-in stays
  }

  /** Before the browser goes to Discord and comes back with a cookie. */
  expectCookie(): void {
    hint.set(true);
  }

  /** Ends the session here, in other tabs, and with everywhere on other devices too. */
  async signOut(everywhere: boolean): Promise<void> {
    const answer = await send('/api/auth/logout', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${await this.token()}` },
      body: JSON.stringify({ everywhere }),
    });
    if (!answer.ok && answer.status !== 401) await read(answer);
    this.#tabs?.postMessage({ kind: 'out' } satisfies Word);
    this.#drop();
    this.ended = false;
    this.account = null;
  }

  /** The access token, renewed if it ends soon. */
  async token(): Promise<string> {
    if (this.#token !== '' && Date.now() < this.#until - margin) return this.#token;
    return this.renew(this.#token);
  }

  /**
   * A token other than the one that was refused. However many ask, in however many tabs,
   * one of them goes to the server.
   */
  renew(refused: string): Promise<string> {
    if (this.ended) return Promise.reject(new Problem(401, 'signed_out', 'Your session has ended. Sign in again.'));
    this.#renewing ??= this.#alone(refused).finally(() => (this.#renewing = null));
    return this.#renewing;
  }

  async #alone(refused: string): Promise<string> {
    const once = async (): Promise<string> => {
      if (this.#token !== refused && Date.now() < this.#until - margin) return this.#token; // another tab was first
      const answer = await send('/api/auth/refresh', { method: 'POST', signal: AbortSignal.timeout(20_000) });
      try {
        this.#grant(await read<Granted>(answer));
      } catch (err) {
        if (answer.status === 401 || answer.status === 403) this.#drop();
        throw err;
      }
      return this.#token;
    };
    return navigator.locks ? await navigator.locks.request('coffer.refresh', once) : await once();
  }

  #grant(granted: Granted): void {
    const until = Date.now() + granted.expires_in * 1000;
    this.#take(granted, until);
    // A plain copy: the channel refuses what is reactive.
    this.#tabs?.postMessage({ kind: 'granted', granted: JSON.parse(JSON.stringify(granted)) as Granted, until } satisfies Word);
  }

  #take(granted: Granted, until: number): void {
    this.#token = granted.access_token;
    this.#until = until;
    this.account = granted.account;
    this.ended = false;
    hint.set(true);
    this.state = 'in';
  }

  #drop(): void {
    this.#token = '';
    this.#until = 0;
    if (!this.ended) hint.set(false); // else somebody may be at Discord just now
    this.ended ||= this.state === 'in';
    this.state = 'out';
  }
}

export const session = new Session();
