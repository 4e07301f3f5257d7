import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Query, repeat } from './query.svelte';

interface Read {
  signal: AbortSignal;
  answer: (data: string) => void;
  fail: (err: unknown) => void;
}
let reads: Read[] = [];
let q: Query<string>;

beforeEach(() => {
  vi.useFakeTimers();
  reads = [];
  q = new Query<string>(
    ['members'],
    (signal) =>
      new Promise((answer, fail) => {
        reads.push({ signal, answer, fail });
        signal.addEventListener('abort', () => fail(new DOMException('', 'AbortError')));
      }),
  );
});
afterEach(() => {
  q.end();
  vi.useRealTimers();
});
const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

test('events do not give up the read under way, and are read once after it', async () => {
  q.want('busy', true);
  for (let i = 0; i < 10; i++) {
    q.touch();
    await pass(400);
  }
  expect(reads.map((r) => r.signal.aborted)).toEqual([false]);
  reads[0]!.answer('first');
  await pass(200);
  expect([q.data, reads.length]).toEqual(['first', 2]);
  reads[1]!.answer('second');
  await pass(5000);
  expect([q.data, q.loading, reads.length]).toEqual(['second', false, 2]);
});

test('what happens after a failure that is final is still read', async () => {
  q.want('final', true);
  q.touch();
  reads[0]!.fail(new Error('no'));
  await pass(1000);
  expect(reads).toHaveLength(2);
});

test('a read that never ends is given up for what is new', async () => {
  q.want('hanging', true);
  await pass(31_000);
  q.touch();
  await pass(200);
  expect(reads.map((r) => r.signal.aborted)).toEqual([true, false]);
});

test('another question gives up the one under way', async () => {
  q.want('one', true);
  q.touch();
  q.want('other', true);
  expect(reads.map((r) => r.signal.aborted)).toEqual([true, false]);
  reads[1]!.answer('of the other');
  await pass(5000);
  expect([q.data, q.key, reads.length]).toEqual(['of the other', 'other', 2]);
});

test('old data is told from what was asked for, and why that is not there', async () => {
  q.want('page 1', true);
  reads[0]!.answer('rows of 1');
  await pass(0);
  expect(q.stale).toBe(false);
  q.want('page 2', true);
  expect([q.data, q.stale, q.error]).toEqual(['rows of 1', true, null]);
  reads[1]!.fail(new Error('no'));
  await pass(0);
  expect([q.data, q.stale, q.error?.detail]).toEqual(['rows of 1', true, expect.stringContaining('no')]);
  void q.refresh();
  reads[2]!.answer('rows of 2');
  await pass(0);
  expect([q.data, q.stale, q.error]).toEqual(['rows of 2', false, null]);
});

test('what changes without an event is read again while the page is in sight', () => {
  const page = { visibilityState: 'visible' };
  vi.stubGlobal('document', page);
  const touch = vi.fn();
  const end = repeat({ touch });
  vi.advanceTimersByTime(31_000);
  expect(touch).toHaveBeenCalledTimes(2);
  page.visibilityState = 'hidden';
  vi.advanceTimersByTime(60_000);
  expect(touch).toHaveBeenCalledTimes(2);
  page.visibilityState = 'visible';
  vi.advanceTimersByTime(15_000);
  end();
  vi.advanceTimersByTime(60_000);
  expect(touch).toHaveBeenCalledTimes(3);
  vi.unstubAllGlobals();
});
