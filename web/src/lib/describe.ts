// What happened, in words.
import type { Actor, TrailEntry } from './model';
import { number } from './money';

const verbs: Record<string, string> = {
  opening: 'Starting balance',
  daily: 'Daily coins',
  transfer: 'Payment',
  give: 'Given by an admin',
  take: 'Taken by an admin',
  set: 'Set by an admin',
  reversal: 'Undo',
  purchase: 'Purchase',
  refund: 'Refund',
  reward: 'Task reward',
};

/** The kinds of transactions, by the names that people know. */
export const kinds = Object.keys(verbs);
export const kindName = (kind: string): string => verbs[kind] ?? kind;

const events: Record<string, string> = {
  opening: 'received the starting balance',
  daily: 'claimed the daily coins',
  transfer: 'paid somebody',
  give: 'gave coins',
  take: 'took coins',
  set: 'set a balance',
  reversal: 'undid a transaction',
  purchase: 'bought something',
  refund: 'refunded a purchase',
  reward: 'paid a task',
  'guild.created': 'started the books of this server',
  'member.created': 'joined',
  'member.erased': 'erased a member',
  'settings.changed': 'changed the settings',
  'item.created': 'added an item',
  'item.changed': 'changed an item',
  'item.archived': 'archived an item',
  'item.used': 'used an item',
  'role.restored': 'gave back a bought role to a member who joined again',
  'task.created': 'added a task',
  'task.changed': 'changed a task',
  'task.opened': 'opened a task',
  'task.closed': 'closed a task',
  'task.archived': 'archived a task',
  'claim.created': 'took a task on',
  'claim.submitted': 'handed in work',
  'claim.approved': 'approved work',
  'claim.rejected': 'rejected work',
  'claim.failed': 'rejected work for the last time',
  'claim.dropped': 'gave a task up',
  'claim.expired': 'let a task run out',
};

/** The kinds of events that a list can be narrowed to. */
export const eventKinds = Object.keys(events);

export function eventName(kind: string): string {
  return events[kind] ?? kind.replace(/[._]/g, ' ');
}

export function actorName(a: Actor | null | undefined): string {
  if (!a) return 'Nobody';
  switch (a.kind) {
    case 'system':
      return 'Coffer';
    case 'erased':
      return 'Erased member';
    default:
      return a.name || `Member ${a.id}`;
  }
}

const isObject = (v: unknown): v is Record<string, unknown> => typeof v === 'object' && v !== null && !Array.isArray(v);

/** The detail of an event that says most: a title, an amount. '' if there is none. */
export function eventDetail(e: Pick<TrailEntry, 'kind' | 'before' | 'after'>): string {
  const coins = moved(e.before, e.after);
  if (coins !== 0) return number(coins);
  for (const side of [e.after, e.before]) {
    if (!isObject(side)) continue;
    const terms = isObject(side['terms']) ? side['terms'] : side;
    for (const name of ['title', 'name', 'item', 'reason', 'note']) {
      const v = terms[name];
      if (typeof v === 'string' && v !== '') return v;
    }
    const amount = side['amount'] ?? side['paid'] ?? side['reward'];
    if (typeof amount === 'number') return number(amount);
  }
  return '';
}

/** Balances by the numbers of members, as the event of a transaction has them. */
const balances = (v: unknown): Record<string, unknown> => (isObject(v) && isObject(v['balances']) ? v['balances'] : {});

/** The coins that a transaction moved among members, by its event: the most that one received or gave. 0: it is none. */
function moved(before: unknown, after: unknown): number {
  const was = balances(before);
  return Math.max(0, ...Object.entries(balances(after)).map(([k, n]) => Math.abs(Number(n) - Number(was[k] ?? 0))));
}

export interface Change {
  field: string;
  before: string;
  after: string;
}

function told(v: unknown): string {
  if (v === null || v === undefined || v === '') return '–';
  if (typeof v === 'number') return number(v);
  if (typeof v === 'string') return v;
  if (typeof v === 'boolean') return v ? 'yes' : 'no';
  return JSON.stringify(v);
}

function flat(v: unknown, prefix = ''): Map<string, unknown> {
  const out = new Map<string, unknown>();
  if (!isObject(v)) {
    if (v !== null && v !== undefined) out.set(prefix || 'value', v);
    return out;
  }
  for (const [name, value] of Object.entries(v)) {
    const path = prefix ? `${prefix}.${name}` : name;
    if (isObject(value)) for (const [n, inner] of flat(value, path)) out.set(n, inner);
    else out.set(path, value);
  }
  return out;
}

/** What differs between two states, field by field. */
export function changes(before: unknown, after: unknown): Change[] {
  const was = flat(before);
  const is = flat(after);
  const out: Change[] = [];
  for (const field of new Set([...was.keys(), ...is.keys()])) {
    const [b, a] = [was.get(field), is.get(field)];
    if (told(b) !== told(a)) out.push({ field: field.replace(/^terms\./, '').replace(/^balances\.(\d+)$/, 'balance of member $1').replace(/_/g, ' '), before: told(b), after: told(a) });
  }
  return out;
}
