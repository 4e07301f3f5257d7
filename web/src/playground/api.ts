import type { FileNote, Interaction, Member, Message, World } from '../lib/types';

/** A refusal of the simulator: what Discord's client would say. */
export class Refusal extends Error {}

async function call<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch('/simulator' + path, {
      method,
      headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
  } catch (err) {
    if (signal?.aborted) throw err;
    throw new Refusal('The demo does not answer. Is it still running?');
  }
  const text = await answer.text();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Refusal(`The demo answered ${answer.status} with something that is no JSON.`);
  }
  if (!answer.ok) {
    const said = (value as { error?: unknown } | null)?.error;
    throw new Refusal(typeof said === 'string' ? said : `The demo answered ${answer.status}.`);
  }
  return value as T;
}

/** Who acts, where, and in which language. */
export interface Actor {
  as: string;
  channel: string;
  locale: string;
}

export type Value = string | number | boolean | FileNote;

export interface Filled {
  command: string;
  options: Record<string, Value>;
}

export const api = {
  world: () => call<World>('GET', '/state'),
  messages: (channel: string, as: string) =>
    call<Message[]>('GET', `/messages?limit=150&channel=${encodeURIComponent(channel)}&as=${encodeURIComponent(as)}`),
  interaction: (id: string) => call<Interaction>('GET', `/interactions/${encodeURIComponent(id)}`),
  command: (by: Actor, filled: Filled) => call<Interaction>('POST', '/commands', { ...by, ...filled }),
  line: (by: Actor, line: string) => call<Interaction>('POST', '/commands', { ...by, line }),
  complete: (by: Actor, filled: Filled, focused: string, signal: AbortSignal) =>
    call<Interaction>('POST', '/autocomplete', { ...by, ...filled, focused }, signal),
  click: (by: Actor, message: string, custom_id: string, values: string[]) =>
    call<Interaction>('POST', '/components', { as: by.as, locale: by.locale, message, custom_id, values }),
  submit: (by: Actor, interaction: string, fields: Record<string, string>) =>
    call<Interaction>('POST', '/modals', { as: by.as, locale: by.locale, interaction, fields }),
  arrive: (name: string) => call<Member>('POST', '/members', { name }),
};

/**
 * Listens to what changes and calls back, also after each time the connection
 * was lost and is there again. Returns what ends it.
 */
export function follow(heard: {
  channel: (id: string) => void;
  state: () => void;
  online: (yes: boolean) => void;
}): () => void {
  const source = new EventSource('/simulator/stream');
  source.addEventListener('open', () => {
    heard.online(true);
    heard.state();
  });
  source.addEventListener('error', () => heard.online(false));
  source.addEventListener('state', () => heard.state());
  source.addEventListener('channel', (e) => heard.channel((JSON.parse(e.data as string) as { channel: string }).channel));
  return () => source.close();
}
