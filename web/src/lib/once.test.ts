import { expect, test } from 'vitest';
import { Once } from './once';

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
