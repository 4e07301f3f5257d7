import { expect, test } from 'vitest';
import { problemOf, toProblem, unreachable } from './problem';

test('a problem document becomes a typed error', () => {
  const p = problemOf(412, { type: 'about:blank', title: 'Precondition Failed', status: 412, code: 'changed', detail: 'It was changed.', request_id: 'r1', fields: [{ field: 'price', code: 'range', detail: 'Too high.' }, 3], current: { a: 1 } });
  expect([p.status, p.code, p.detail, p.reference, p.field('price'), p.field('name')]).toEqual([412, 'changed', 'It was changed.', 'r1', 'Too high.', '']);
  expect(p.extras).toEqual({ current: { a: 1 } });
  expect([p.unsettled, p.denied]).toEqual([false, false]);
});

test('whatever else comes back is told in words', () => {
  for (const body of [null, 'oops', [], {}, { detail: 7 }]) {
    expect(problemOf(502, body).unsettled).toBe(true);
    expect(problemOf(404, body).detail).toContain('404');
  }
  expect(unreachable().unsettled).toBe(true);
  expect(toProblem(new TypeError('x is undefined')).detail).toContain('x is undefined');
});

test('whoever must wait is told how long', () => {
  const body = { code: 'too_many_requests', detail: 'Wait as long as Retry-After says.' };
  expect(problemOf(429, body, 7).detail).toBe('That was too much at once. Try again in 7 s.');
  expect(problemOf(429, body).detail).toBe(body.detail);
});
