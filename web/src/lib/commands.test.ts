import { describe, expect, it } from 'vitest';
import { complaint, entries, kinds, normal, offered, picks, search, suggest } from './commands';
import type { Definition, Option, World } from './types';

const def = (name: string, more: Partial<Definition> = {}): Definition => ({
  id: name,
  type: 1,
  name,
  description: `about ${name}`,
  default_member_permissions: null,
  ...more,
});
const opt = (name: string, type: number, more: Partial<Option> = {}): Option => ({ name, type, description: name, ...more });

const nested = def('admin', {
  default_member_permissions: '32',
  options: [
    opt('coins', kinds.group, { options: [opt('give', kinds.sub, { options: [opt('member', kinds.user)] }), opt('take', kinds.sub)] }),
    opt('undo', kinds.sub, { description: 'takes a transaction back' }),
  ],
});

describe('entries', () => {
  it('flattens groups and subcommands and sorts', () =>
    expect(entries([def('pay'), nested, def('daily')], '32', 'en-US').map((e) => e.command)).toEqual([
      'admin coins give',
      'admin coins take',
      'admin undo',
      'daily',
      'pay',
    ]));
  it('shows what a role is allowed', () => expect(entries([nested, def('daily')], '2048', 'en-US', [nested.name])).toEqual(entries([nested, def('daily')], '32', 'en-US')));
  it('hides what a member may not use', () => expect(entries([nested, def('daily')], '2048', 'en-US').map((e) => e.command)).toEqual(['daily']));
  it('speaks the reader’s language, and sends the name', () => {
    const [e] = entries([def('pay', { name_localizations: { de: 'zahlen' }, description_localizations: { de: 'Münzen senden' } })], '0', 'de');
    expect(e).toMatchObject({ command: 'pay', shown: 'zahlen', description: 'Münzen senden' });
  });
  it('prefers a guild’s own command, and skips menus', () => {
    const list = entries([def('pay'), def('pay', { guild_id: '1', description: 'own' }), def('User', { type: 2 })], '0', 'en-US');
    expect(list.map((e) => e.description)).toEqual(['own']);
  });
});

describe('offered', () => {
  it.each([
    [null, '0', true],
    ['32', '32', true],
    ['32', '31', true], // administrator is in it
    ['32', '7', false],
    ['0', '32', false], // nobody but administrators
    ['0', '8', true],
    ['9007199254740992', '9007199254740993', true],
  ])('%s to %s', (needs, has, want) => expect(offered(def('x', { default_member_permissions: needs }), has)).toBe(want));
});

describe('search', () => {
  const list = entries([def('pay'), def('daily'), nested, def('display', { description: 'how to pay' })], '8', 'en-US');
  it.each([
    ['', 6],
    ['pay', 2],
    ['  PAY ', 2],
    ['admin co', 2],
    ['give', 1],
    ['nothing', 0],
  ])('%s', (q, n) => expect(search(list, q)).toHaveLength(n));
  it('puts names before descriptions', () => expect(search(list, 'pay')[0]?.command).toBe('pay'));
});

const world: World = {
  application_id: '9',
  bot: { id: '9', username: 'coffer', bot: true },
  guilds: [{ id: '1', name: 'g' }],
  channels: [
    { id: '20', guild_id: '1', name: 'general', type: 0 },
    { id: '21', guild_id: '1', name: 'voice', type: 2 },
    { id: '22', name: 'direct', type: 1 },
  ],
  roles: [
    { id: '1', guild_id: '1', name: '@everyone', color: 0, position: 0 },
    { id: '30', guild_id: '1', name: 'Admin', color: 1, position: 1 },
  ],
  members: [
    { guild_id: '1', user: { id: '5', username: 'ada', global_name: 'Ada Lovelace' }, roles: [], display_name: 'Ada Lovelace', permissions: '8' },
    { guild_id: '1', user: { id: '6', username: 'bob' }, nick: 'Bobby', roles: [], display_name: 'Bobby', permissions: '0' },
  ],
  commands: [],
};

describe('suggest', () => {
  const labels = (o: Option, typed: string): string[] => suggest(o, typed, world, 'de').map((s) => s.label);
  it.each([
    [opt('u', kinds.user), '@bo', ['Bobby']],
    [opt('u', kinds.user), '', ['Ada Lovelace', 'Bobby']],
    [opt('r', kinds.role), 'adm', ['@Admin']],
    [opt('m', kinds.mentionable), 'ad', ['Ada Lovelace', '@Admin']],
    [opt('c', kinds.channel), '#', ['#general', '#voice']],
    [opt('c', kinds.channel, { channel_types: [2] }), '', ['#voice']],
    [opt('b', kinds.boolean), 'f', ['False']],
    [opt('s', kinds.string, { choices: [{ name: 'Red', name_localizations: { de: 'Rot' }, value: 'r' }] }), 'ro', ['Rot']],
    [opt('s', kinds.string), 'x', []],
  ])('%#', (o, typed, want) => expect(labels(o, typed)).toEqual(want));
});

describe('complaint', () => {
  const n = opt('n', kinds.integer, { min_value: 1, max_value: 10 });
  it.each([
    [opt('s', kinds.string, { required: true }), '', false, 'required'],
    [opt('s', kinds.string), '', false, 'take the option away'],
    [opt('s', kinds.string, { min_length: 2, max_length: 3 }), '👍', false, 'between 2 and 3'],
    [opt('s', kinds.string, { min_length: 2, max_length: 3 }), '👍👍👍', false, ''],
    [n, 'x', false, 'integer'],
    [n, '1.5', false, 'integer'],
    [n, '0', false, 'at least 1'],
    [n, '11', false, 'at most 10'],
    [n, ' 5 ', false, ''],
    [n, '99999999999999999999', false, 'integer'],
    [opt('x', kinds.number), '1e3', false, ''],
    [opt('x', kinds.number), 'NaN', false, 'number'],
    [opt('u', kinds.user), 'nobody', false, 'member'],
    [opt('u', kinds.user), 'Bobby', true, ''],
    [opt('b', kinds.boolean), 'perhaps', false, 'True or False'],
    [opt('f', kinds.attachment), 'x.png', false, 'file'],
    [opt('c', kinds.string, { choices: [{ name: 'a', value: 'a' }] }), 'b', false, 'list'],
  ])('%#', (o, text, picked, want) => {
    const got = complaint(o, text, picked);
    if (want === '') expect(got).toBe('');
    else expect(got).toContain(want);
  });
  it('normalises numbers', () => expect([normal(n, ' +05 '), normal(opt('s', kinds.string), ' a ')]).toEqual(['5', ' a ']));
  it('knows what is picked', () => expect([picks(opt('u', kinds.user)), picks(opt('s', kinds.string))]).toEqual([true, false]));
});
