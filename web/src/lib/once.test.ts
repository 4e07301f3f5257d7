import { expect, test, vi } from 'vitest';
import { forgetWrites, Once } from './once';

test('the same values have the same key until they went through', () => {
  const once = new Once();
  const first = once.for({ amount: 5 })['Idempotency-Key'];
  expect(first).toMatch(/^[0-9a-f]{32}$/);
  expect(once.for({ amount: 5 })['Idempotency-Key']).toBe(first);
  const other = once.for({ amount: 6 })['Idempotency-Key'];
  expect(other).not.toBe(first);
  once.done();
  expect(once.for({ amount: 6 })['Idempotency-Key']).not.toBe(other);
});

const key = (once: Once, values: unknown): string | undefined => once.for(values)['Idempotency-Key'];

test('a form that was closed without an answer leaves its key to the next, until it went through', () => {
  const first = key(new Once('adjust 1'), { member: '7', amount: 77 });
  const again = new Once('adjust 1');
  expect(key(again, { member: '7', amount: 77 })).toBe(first);
  again.done();
  expect(key(new Once('adjust 1'), { member: '7', amount: 77 })).not.toBe(first);
});

test('other values, another place, and forms without a scope share no key', () => {
  const first = key(new Once('adjust 1'), { member: '8', amount: 77 });
  expect(key(new Once('adjust 1'), { member: '8', amount: 78 })).not.toBe(first);
  expect(key(new Once('adjust 2'), { member: '8', amount: 77 })).not.toBe(first);
  expect(key(new Once(), 5)).not.toBe(key(new Once(), 5));
});

test('who signs in next, or comes an hour later, repeats nothing', () => {
  vi.useFakeTimers();
  const first = key(new Once('adjust 3'), 5);
  vi.advanceTimersByTime(3_600_000);
  const second = key(new Once('adjust 3'), 5);
  expect(second).not.toBe(first);
  forgetWrites();
  expect(key(new Once('adjust 3'), 5)).not.toBe(second);
  vi.useRealTimers();
});
