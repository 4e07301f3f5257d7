import { expect, test } from 'vitest';
import type { Transaction } from '../../lib/model';
import { fromTo, lineOf } from './legs';

const entry = (id: string, name: string, amount: number, system: 'mint' | null = null): Transaction['entries'][number] =>
  ({ account: { kind: system ? 'system' : 'member', id, user_id: null, name, system }, amount, balance: 0 }) as unknown as Transaction['entries'][number];
const of = (...entries: Transaction['entries']): Transaction => ({ id: '1', kind: 'transfer', at: '', note: '', reversed_by: null, entries }) as unknown as Transaction;

test('who paid stands before whom he paid, in whatever direction their names are written', () => {
  const t = of(entry('1', 'דוד', -5), entry('2', 'שרה', 5));
  expect(fromTo(t)).toBe('\u2068דוד\u2069 → \u2068שרה\u2069');
  expect(lineOf(t, '1').others).toBe('\u2068שרה\u2069');
});
