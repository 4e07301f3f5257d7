import { isolate } from '../../lib/bidi';
import type { Transaction } from '../../lib/model';

type Account = Transaction['entries'][number]['account'];

const systems: Record<NonNullable<Account['system']>, string> = { mint: 'new coins', shop: 'the shop', burn: 'removed' };

/** An account by a name that people know. */
export function accountName(a: Account): string {
  if (a.system !== null) return systems[a.system];
  return a.kind === 'erased' ? 'Erased member' : a.name || `Member ${a.id}`;
}

/** What moved: the sum of what accounts received. */
export const moved = (t: Transaction): number => t.entries.reduce((sum, e) => sum + Math.max(0, e.amount), 0);

/** "Ada → Bob": whom the coins left, and whom they reached. */
export function fromTo(t: Transaction): string {
  const side = (plus: boolean): string => t.entries.filter((e) => e.amount > 0 === plus).map((e) => isolate(accountName(e.account))).join(', ');
  return `${side(false)} → ${side(true)}`;
}

/** A transaction as one of its members sees it. */
export function lineOf(t: Transaction, member: string): { transaction: string; kind: string; at: string; note: string; amount: number; balance: number; others: string; undone: boolean } {
  const own = t.entries.find((e) => e.account.system === null && e.account.id === member);
  const others = t.entries.filter((e) => e.account.system === null && e.account.id !== member).map((e) => isolate(accountName(e.account)));
  return { transaction: t.id, kind: t.kind, at: t.at, note: t.note, amount: own?.amount ?? 0, balance: own?.balance ?? 0, others: others.join(', '), undone: t.reversed_by !== null };
}
