import { api, follow, Refusal, type Actor, type Filled } from './api';
import type { Channel, Interaction, Member, Message, Modal, World } from '../lib/types';

/** Something the page itself shows among the messages: a command on its way, or one that failed. */
export interface Notice {
  key: number;
  by: Member;
  command: string;
  /** '' while the app has not answered. */
  error: string;
  interaction: string;
  after: number;
}

export interface OpenModal {
  modal: Modal;
  interaction: string;
  as: string;
}

/** Settings that survive a reload. */
const stored = (key: string, fallback: string): string => {
  try {
    return localStorage.getItem('playground.' + key) ?? fallback;
  } catch {
    return fallback; // storage is refused
  }
};
const store = (key: string, value: string): void => {
  try {
    localStorage.setItem('playground.' + key, value);
  } catch {
    // then it is forgotten
  }
};

/** One Discord client: who sits at it, what it shows, what it sends. */
export class Client {
  world = $state.raw<World | null>(null);
  messages = $state.raw<Message[] | null>(null);
  problem = $state('');
  online = $state(true);
  as = $state(stored('as', 'ada'));
  channelID = $state(stored('channel', ''));
  locale = $state(stored('locale', 'en-US'));
  /** The interaction that the side panel shows: the last, or one that was chosen. */
  shown = $state.raw<Interaction | null>(null);
  notices = $state.raw<Notice[]>([]);
  /** What went wrong with a component, by message. */
  failures = $state.raw<Record<string, string>>({});
  /** Ephemeral messages that their reader has dismissed. */
  dismissed = $state.raw<ReadonlySet<string>>(new Set());
  /** The components that wait for the app's answer: message and custom id. */
  busy = $state.raw<ReadonlySet<string>>(new Set());
  modal = $state.raw<OpenModal | null>(null);
  now = $state(Date.now());

  #keys = 0;
  #loading: Promise<void> | null = null;
  #again = false;

  readonly members = $derived(this.world?.members.filter((m) => !m.user.bot) ?? []);
  readonly member = $derived(this.members.find((m) => m.user.username === this.as) ?? this.members[0] ?? null);
  readonly channels = $derived(this.world?.channels.filter((c) => c.guild_id) ?? []);
  readonly channel: Channel | null = $derived(this.channels.find((c) => c.id === this.channelID) ?? this.channels[0] ?? null);
  readonly visible = $derived((this.messages ?? []).filter((m) => !this.dismissed.has(m.id)));

  get actor(): Actor {
    return { as: this.member?.user.username ?? '', channel: this.channel?.id ?? '', locale: this.locale };
  }

  /** Loads, then follows what changes. Returns what ends it. */
  start(): () => void {
    const clock = setInterval(() => (this.now = Date.now()), 1000);
    const end = follow({
      channel: (id) => {
        if (id === this.channel?.id) void this.refresh();
      },
      state: () => void this.load(),
      online: (yes) => (this.online = yes),
    });
    return () => {
      clearInterval(clock);
      end();
    };
  }

  async load(): Promise<void> {
    try {
      this.world = await api.world();
      this.problem = '';
      await this.refresh();
    } catch (err) {
      this.problem = words(err);
    }
  }

  /** Fetches the messages. Calls that come meanwhile share one more fetch. */
  refresh(): Promise<void> {
    if (this.#loading) {
      this.#again = true;
      return this.#loading;
    }
    this.#loading = this.#fetch().finally(() => (this.#loading = null));
    return this.#loading;
  }

  async #fetch(): Promise<void> {
    do {
      this.#again = false;
      const { as, channel } = this.actor;
      if (!as || !channel) return;
      try {
        const list = await api.messages(channel, as);
        if (as === this.actor.as && channel === this.actor.channel) this.messages = list;
        else this.#again = true;
        if (this.shown?.state === 'thinking') this.shown = await api.interaction(this.shown.id);
      } catch (err) {
        this.problem = words(err);
        return;
      }
      this.problem = '';
    } while (this.#again);
  }

  become(username: string): void {
    this.as = username;
    store('as', username);
    this.modal = null;
    this.#moved();
  }

  /** Has somebody new join the guild, or somebody who left. Returns why he cannot, or ''. */
  async arrive(name: string): Promise<string> {
    try {
      await api.arrive(name);
      return '';
    } catch (err) {
      return words(err);
    }
  }

  enter(channel: string): void {
    this.channelID = channel;
    store('channel', channel);
    this.#moved();
  }

  speak(locale: string): void {
    this.locale = locale;
    store('locale', locale);
  }

  #moved(): void {
    this.messages = null;
    this.notices = [];
    this.failures = {};
    void this.refresh();
  }

  /** Sends a command. Returns what the client itself refuses, or ''. */
  async send(what: Filled | string): Promise<string> {
    const by = this.member;
    if (!by) return 'There is nobody to speak.';
    const command = typeof what === 'string' ? what.replace(/^\//, '').split(/ \S*:/)[0] ?? '' : what.command;
    const notice: Notice = { key: ++this.#keys, by, command, error: '', interaction: '', after: Date.now() };
    this.notices = [...this.notices, notice];
    const drop = (): void => {
      this.notices = this.notices.filter((n) => n.key !== notice.key);
    };
    try {
      const it = await (typeof what === 'string' ? api.line(this.actor, what) : api.command(this.actor, what));
      await this.#took(it);
      if (it.state === 'failed') {
        this.notices = this.notices.map((n) =>
          n.key === notice.key ? { ...n, error: it.error ?? '', interaction: it.id, command: it.command ?? command } : n,
        );
      } else drop();
      return '';
    } catch (err) {
      drop();
      return words(err);
    }
  }

  /** Presses a button or chooses in a select. */
  async click(message: Message, customID: string, values: string[] = []): Promise<void> {
    const component = `${message.id} ${customID}`;
    if (this.busy.has(component)) return;
    this.busy = new Set([...this.busy, component]);
    this.#fail(message.id, '');
    try {
      const it = await api.click(this.actor, message.id, customID, values);
      if (it.state === 'failed') this.#fail(message.id, it.error ?? '');
      await this.#took(it);
    } catch (err) {
      this.#fail(message.id, words(err));
    } finally {
      this.busy = new Set([...this.busy].filter((c) => c !== component));
    }
  }

  /** Sends the open modal. Returns what is wrong, or ''. */
  async submit(fields: Record<string, string>): Promise<string> {
    const open = this.modal;
    if (!open) return '';
    try {
      const it = await api.submit({ ...this.actor, as: open.as }, open.interaction, fields);
      await this.#took(it);
      if (it.state === 'failed') return it.error ?? '';
      if (this.modal === open) this.modal = null;
      return '';
    } catch (err) {
      return words(err);
    }
  }

  async inspect(id: string): Promise<void> {
    try {
      this.shown = await api.interaction(id);
    } catch (err) {
      this.problem = words(err);
    }
  }

  dismiss(id: string): void {
    this.dismissed = new Set([...this.dismissed, id]);
  }

  dropNotice(key: number): void {
    this.notices = this.notices.filter((n) => n.key !== key);
  }

  /** What an interaction has brought: a modal, or changes in the channel. */
  async #took(it: Interaction): Promise<void> {
    this.shown = it;
    if (it.modal) this.modal = { modal: it.modal, interaction: it.id, as: it.as };
    await this.refresh();
  }

  #fail(message: string, error: string): void {
    const { [message]: _, ...rest } = this.failures;
    this.failures = error === '' ? rest : { ...rest, [message]: error };
  }

  memberOf(id: string): Member | undefined {
    return this.world?.members.find((m) => m.user.id === id);
  }
}

function words(err: unknown): string {
  if (err instanceof Refusal) return err.message;
  return 'Something went wrong in this page: ' + String(err);
}
