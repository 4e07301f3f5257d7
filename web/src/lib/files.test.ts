import { expect, it } from 'vitest';
import { address, base64, largest, loose, note } from './files';
import type { Attachment, Message } from './types';

it.each([0, 1, 2, 3, 8192, 24575, 24576, 24577, 100_000])('encodes %i bytes', (n) => {
  const bytes = Uint8Array.from({ length: n }, (_, i) => (i * 7) % 256);
  expect(base64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
});

it('tells of a file with its content', async () => {
  expect(await note(new File(['héllo'], 'a.txt', { type: 'text/plain' }))).toEqual({ name: 'a.txt', size: 6, content_type: 'text/plain', data: 'aMOpbGxv' });
  expect(await note(new File([], 'a'))).toEqual({ name: 'a', size: 0, content_type: '' });
});

it('tells only the size of a file that is too large', async () => {
  expect(await note(new File([new Uint8Array(largest + 1)], 'a.png', { type: 'image/png' }))).toEqual({ name: 'a.png', size: largest + 1, content_type: 'image/png' });
});

const file = (filename: string): Attachment => ({ id: '1', filename, size: 1, url: 'https://cdn.discordapp.com/attachments/1/2/' + filename });

it.each([
  ['attachment://a.png', 'https://cdn.discordapp.com/attachments/1/2/a.png'],
  ['attachment://b.png', ''],
  ['https://x.example/a.png', 'https://x.example/a.png'],
])('address of %s', (url, want) => expect(address(url, [file('a.png')])).toBe(want));

it('shows a file once', () => {
  const picture = (name: string) => ({ url: 'attachment://' + name });
  const message = {
    attachments: ['image', 'thumb', 'deep', 'gallery', 'file', 'loose'].map(file),
    embeds: [{ image: picture('image'), thumbnail: picture('thumb') }],
    components: [
      { type: 17, components: [{ type: 9, accessory: { type: 11, media: picture('deep') } }, { type: 12, items: [{ media: picture('gallery') }] }] },
      { type: 13, file: picture('file') },
    ],
  } as unknown as Message;
  expect(loose(message).map((a) => a.filename)).toEqual(['loose']);
  expect(loose({ ...message, embeds: [], components: [] })).toHaveLength(6);
});
