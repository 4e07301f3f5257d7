import { expect, test } from 'vitest';
import { match } from './paths';

test('a pattern names parts of a path', () => {
  expect(match('/guilds/:guild', '/guilds/42')).toEqual({ guild: '42' });
  expect(match('/guilds/:guild/members/:member', '/guilds/42/members/7/')).toEqual({ guild: '42', member: '7' });
  expect(match('/guilds/:guild', '/guilds/a%2Fb')).toEqual({ guild: 'a/b' });
});

test('what does not fit is none', () => {
  for (const path of ['/', '/guilds', '/guilds/', '/guilds/42/members', '/guild/42', '/guilds/%']) expect(match('/guilds/:guild', path)).toBeNull();
  expect(match('/', '/')).toEqual({});
  expect(match('/', '/x')).toBeNull();
});
