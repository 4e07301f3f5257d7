// Which lists an event makes stale.

/** What queries read. */
export type Topic = 'members' | 'transactions' | 'stats' | 'tasks' | 'submissions' | 'items' | 'purchases' | 'deliveries' | 'settings' | 'trail' | 'books' | 'guilds' | 'accounts';

const money: Topic[] = ['members', 'transactions', 'stats', 'books'];
const byKind: Record<string, Topic[]> = {
  opening: money,
  daily: money,
  transfer: money,
  give: money,
  take: money,
  set: money,
  reversal: [...money, 'submissions', 'tasks'],
  purchase: [...money, 'items', 'purchases', 'deliveries'],
  refund: [...money, 'items', 'purchases', 'deliveries'],
  reward: [...money, 'submissions', 'tasks'],
};
const byPrefix: Record<string, Topic[]> = {
  member: ['members', 'stats', 'guilds'],
  guild: ['guilds', 'settings'],
  settings: ['settings', 'guilds'],
  item: ['items', 'purchases', 'members'],
  task: ['tasks', 'deliveries', 'submissions'],
  claim: ['tasks', 'submissions', 'stats', 'members', 'deliveries'],
  submission: ['tasks', 'submissions', 'stats', 'members', 'deliveries'],
  purchase: ['purchases', 'items', ...money],
  entitlement: ['deliveries', 'members'],
  role: ['deliveries', 'members'],
};

/** The topics of an event's kind. One that nobody knows concerns all. */
export function topicsOf(kind: string): Topic[] | 'all' {
  const found = byKind[kind] ?? byPrefix[kind.split('.')[0] ?? ''];
  return found ? [...found, 'trail'] : 'all';
}
