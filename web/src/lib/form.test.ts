import { expect, test, vi } from 'vitest';
import { Form } from './form.svelte';
import { Problem } from './problem';
import { session } from './session.svelte';
import { toasts } from './toasts.svelte';

const refused = (): Promise<void> => Promise.reject(new Problem(503, 'unavailable', 'Not now.', 'r1'));
const told = (): string[] => toasts.list.map((t) => `${t.text} ${t.reference}`);

test('a failure stands on the form, and is told without it if the form is gone', async () => {
  const form = new Form();
  const gone = form.show();
  expect(await form.send(refused)).toBe(false);
  expect([form.problem?.detail, told()]).toEqual(['Not now.', []]);
  const sent = form.send(refused);
  gone();
  expect(await sent).toBe(false);
  expect(told()).toEqual(['Not now. r1']);
});

test('a session that has ended is no failure of the form', async () => {
  const form = new Form();
  const signedOut = (): Promise<void> => Promise.reject(new Problem(401, 'signed_out', 'Sign in.'));
  session.ended = true;
  expect([await form.send(signedOut), form.problem]).toEqual([false, null]);
  session.ended = false;
  expect([await form.send(signedOut), form.problem?.detail]).toEqual([false, 'Sign in.']);
});

test('what the server refuses is gone to, for it may be out of sight', async () => {
  const form = new Form();
  form.show();
  const focus = vi.fn();
  vi.stubGlobal('document', { querySelector: (s: string) => (s === '[aria-invalid="true"]' ? { focus } : null) });
  await form.send(() => Promise.reject(new Problem(422, 'invalid', 'No.', '', [{ field: 'title', code: 'title', detail: 'Too long.' }])));
  vi.unstubAllGlobals();
  expect([form.error('title'), focus.mock.calls.length]).toEqual(['Too long.', 1]);
});
