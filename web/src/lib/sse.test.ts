import { expect, test } from 'vitest';
import { EventReader, type ServerEvent } from './sse';

const stream = ': hello\n\nid: 1\nevent: daily\ndata: {"a":1}\n\nid:2\nevent: reset\ndata:\n\ndata: one\ndata: two\n\n:\nid: 2.5\n\nid: 3\nevent: x\ndata: last\n\n';
const want: ServerEvent[] = [
  { id: '1', kind: 'daily', data: '{"a":1}' },
  { id: '2', kind: 'reset', data: '' },
  { id: null, kind: 'message', data: 'one\ntwo' },
  { id: '2.5', kind: '', data: '' },
  { id: '3', kind: 'x', data: 'last' },
];

test('a stream is the same events however it is cut', () => {
  for (const text of [stream, stream.replaceAll('\n', '\r\n')]) {
    for (let size = 1; size <= text.length; size++) {
      const reader = new EventReader();
      const got: ServerEvent[] = [];
      for (let i = 0; i < text.length; i += size) got.push(...reader.push(text.slice(i, i + size)));
      expect(got, `pieces of ${size}`).toEqual(want);
    }
  }
});

test('what is not complete is no event yet', () => {
  const reader = new EventReader();
  expect(reader.push('id: 1\ndata: half')).toEqual([]);
  expect(reader.push(' an event\n')).toEqual([]);
  expect(reader.push('\n')).toEqual([{ id: '1', kind: 'message', data: 'half an event' }]);
});
