import { beforeAll, expect, test, vi } from 'vitest';

vi.setConfig({ testTimeout: 60_000 }); // modules are compiled when they are first imported
let lib: typeof import('./pages.svelte');
beforeAll(async () => {
  vi.stubGlobal('location', { pathname: '/', search: '' });
  vi.stubGlobal('history', { state: null, replaceState: () => {} });
  vi.stubGlobal('document', { addEventListener: () => {} });
  vi.stubGlobal('addEventListener', () => {});
  lib = await import('./pages.svelte');
  return () => vi.unstubAllGlobals();
}, 60_000);

test('an address is told from what a list is narrowed to', () => {
  const says = (address: string, parts: Record<string, string>) => lib.says(new URLSearchParams(address), parts);
  expect(says('', { member: '', kind: '' })).toBe(true);
  expect(says('member=5&other=1', { member: '5', kind: '' })).toBe(true);
  expect(says('', { member: '5', kind: '' })).toBe(false);
  expect(says('member=5', { member: '', kind: '' })).toBe(false);
  expect(says('member=6', { member: '5' })).toBe(false);
});

test('a list follows the addresses of its own screen', () => {
  const screen = '/guilds/1/members';
  expect([screen, screen + '/5', '/guilds/1/members2', '/guilds/1/trail', '/guilds/12/members'].map((p) => lib.within(p, screen))).toEqual([true, true, false, false, false]);
});

test('a page that is asked for twice is the next one once', () => {
  const pages = new lib.Pages();
  pages.forward('a');
  pages.forward('a');
  expect([pages.number, pages.cursor]).toEqual([2, 'a']);
  pages.back();
  expect([pages.number, pages.cursor]).toEqual([1, '']);
});
