// What was done to accounts and tokens, in words.
import { isolate } from './bidi';
import { changes, type Change } from './describe';
import type { Account, AccountTrailEntry } from './model';

const deeds: Record<AccountTrailEntry['kind'], string> = {
  'account.created': 'made the account',
  'account.changed': 'changed the account',
  'account.derived': 'changed the servers of the account',
  'password.reset': 'reset the password of the account',
  'password.changed': 'changed the password of the account',
  'token.created': 'made the token',
  'token.revoked': 'revoked the token',
};

export const deedName = (kind: string): string => deeds[kind as AccountTrailEntry['kind']] ?? kind.replace(/[._]/g, ' ');

/** Who did it, also where no account did. */
export function doer(e: Pick<AccountTrailEntry, 'kind' | 'account' | 'by'>): string {
  if (e.by) return e.by.username;
  if (e.kind === 'account.derived' || (e.kind === 'account.created' && e.account.kind === 'discord')) return 'Discord';
  return e.kind.endsWith('.created') ? 'The operator' : 'Not known';
}

/** The servers that an account is for. */
export function servers(a: Pick<Account, 'role' | 'guilds'>, name: (guild: string) => string): string {
  return a.role === 'owner' ? 'all servers' : a.guilds.length === 0 ? 'no server' : a.guilds.map((id) => isolate(name(id))).join(', ');
}

/** What an account may do other than before. */
export function deedChanges(e: Pick<AccountTrailEntry, 'before' | 'after'>, name: (guild: string) => string, day: (iso: string) => string): Change[] {
  const words = (s: AccountTrailEntry['before']): Record<string, string> | null =>
    s && { role: s.role, servers: servers(s, name), state: s.disabled ? 'disabled' : 'active', ...(s.expires_at ? { ends: day(s.expires_at) } : {}) };
  return changes(words(e.before), words(e.after));
}
