import { expect, test } from 'vitest';
import { deedChanges, deedName, doer } from './deeds';
import type { AccountTrailEntry } from './model';

const name = (id: string): string => ({ '1': 'Harbor', '2': 'Pier' })[id] ?? id;
const day = (iso: string): string => iso.slice(0, 10);
const may = (role: 'viewer' | 'owner', guilds: string[], more: object = {}): AccountTrailEntry['before'] => ({ role, guilds, disabled: false, expires_at: null, ...more });
const person = { id: '1', kind: 'password', username: 'ada' } as const;
const visitor = { id: '2', kind: 'discord', username: 'Vera' } as const;

test('what an account may do is told in words, where it is other than before', () => {
  expect(deedChanges({ before: may('viewer', ['1', '3']), after: may('owner', []) }, name, day)).toEqual([
    { field: 'role', before: 'viewer', after: 'owner' },
    { field: 'servers', before: '\u2068Harbor\u2069, \u20683\u2069', after: 'all servers' },
  ]);
  expect(deedChanges({ before: may('viewer', ['1']), after: may('viewer', ['1'], { disabled: true }) }, name, day)).toEqual([{ field: 'state', before: 'active', after: 'disabled' }]);
  expect(deedChanges({ before: null, after: may('viewer', [], { expires_at: '2026-12-01T00:00:00Z' }) }, name, day)).toEqual([
    { field: 'role', before: '–', after: 'viewer' },
    { field: 'servers', before: '–', after: 'no server' },
    { field: 'state', before: '–', after: 'active' },
    { field: 'ends', before: '–', after: '2026-12-01' },
  ]);
  expect(deedChanges({ before: null, after: null }, name, day)).toEqual([]);
});

test('who did it is told, also where no account did', () => {
  expect(doer({ kind: 'account.changed', account: visitor, by: person })).toBe('ada');
  expect(doer({ kind: 'account.created', account: person, by: null })).toBe('The operator');
  expect(doer({ kind: 'account.created', account: visitor, by: null })).toBe('Discord');
  expect(doer({ kind: 'account.derived', account: visitor, by: null })).toBe('Discord');
  expect(doer({ kind: 'account.changed', account: visitor, by: null })).toBe('Not known');
  expect(doer({ kind: 'token.revoked', account: { ...person, kind: 'token' }, by: null })).toBe('Not known');
});

test('what nobody knows keeps its name', () => {
  expect([deedName('token.revoked'), deedName('moon.landed')]).toEqual(['revoked the token', 'moon landed']);
});
