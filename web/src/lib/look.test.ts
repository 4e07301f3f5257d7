import { expect, it } from 'vitest';
import { avatarColor, hex, initial, jsonTokens, picture, safeLink, size } from './look';

it.each([
  ['Ada', 'A'],
  ['@everyone', 'E'],
  ['👨‍👩‍👧‍👦 kai', '👨‍👩‍👧‍👦'],
  ['ゴロー', 'ゴ'],
  ['Ọ', 'Ọ'],
  ['---', '?'],
])('initial of %s', (name, want) => expect(initial(name)).toBe(want));

it('keeps its colour', () => expect(avatarColor('1180000000000001000')).toBe(avatarColor('1180000000000001000')));
it('writes colours', () => expect([hex(0), hex(0x3498db)]).toEqual(['#000000', '#3498db']));
it('writes sizes', () => expect([size(5), size(2048), size(5 << 20)]).toEqual(['5 bytes', '2.0 KB', '5.0 MB']));

it.each([
  ['https://x.example/a', 'https://x.example/a'],
  ['javascript:alert(1)', null],
  ['//x', null],
])('link %s', (url, want) => expect(safeLink(url)).toBe(want));

it.each([
  ['https://x.example/a.png', 'https://x.example/a.png'],
  ['http://x.example/a.png', null],
  ['http://localhost:8080/a.png', 'http://localhost:8080/a.png'],
  ['https://cdn.discordapp.com/ephemeral-attachments/1/2/my%3Fa.png?ex=1&is=2&hm=3&', '/simulator/files/2/my%3Fa.png'],
  ['https://media.discordapp.net/attachments/1/2/a.png', '/simulator/files/2/a.png'],
  ['https://cdn.discordapp.com/avatars/1/2.png', null],
  ['https://cdn.discordapp.com/attachments/1/2/3/a.png', null],
  ['https://cdn.discordapp.com/attachments/1/..%2f/a.png', null],
  ['blob:https://x.example/1', null],
  ['attachment://a.png', null],
])('picture %s', (url, want) => expect(picture(url, 'http://localhost:8080')).toBe(want));

it('colours JSON and loses nothing of it', () => {
  const value = { a: 'x: "y"', n: -1.5e3, t: [true, null, {}], 'ü-t': '\\' };
  const tokens = jsonTokens(value);
  expect(tokens.map((t) => t.s).join('')).toBe(JSON.stringify(value, null, 2));
  expect(tokens.filter((t) => t.kind === 'key').map((t) => t.s)).toEqual(['"a"', '"n"', '"t"', '"ü-t"']);
  expect(tokens.filter((t) => t.kind === 'word').map((t) => t.s)).toEqual(['true', 'null']);
});
