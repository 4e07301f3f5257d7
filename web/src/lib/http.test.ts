import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { read, send } from './http';

/** Answers nothing, or the beginning of something, until it is given up. */
let begins = false;
const silent = (url: string, how: RequestInit = {}): Promise<Response> => {
  if (url === '/config.json') return Promise.resolve(Response.json({}));
  const signal = how.signal as AbortSignal;
  if (begins) return Promise.resolve(new Response(new ReadableStream({ start: (c) => signal.addEventListener('abort', () => c.error(signal.reason)) })));
  if (signal.aborted) return Promise.reject(signal.reason as Error);
  return new Promise((_, fail) => signal.addEventListener('abort', () => fail(signal.reason)));
};
let limits: { ms: number; end: () => void }[] = [];
beforeEach(() => {
  [begins, limits] = [false, []];
  vi.stubGlobal('fetch', silent);
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
    const stop = new AbortController();
    limits.push({ ms, end: () => stop.abort(new DOMException('', 'TimeoutError')) });
    return stop.signal;
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});
const limited = (n: number): Promise<void> => vi.waitFor(() => expect(limits).toHaveLength(n));

test('a request that is never answered ends, and nobody knows whether it took effect', async () => {
  const answer = send('/api/guilds', { method: 'POST' });
  const failed = expect(answer).rejects.toMatchObject({ status: 0, code: 'unanswered', unsettled: true });
  await limited(1);
  expect(limits[0]?.ms).toBeLessThanOrEqual(31_000);
  limits[0]?.end();
  await failed;
});

test('an answer that stops in the middle ends, too', async () => {
  begins = true;
  const body = read(await send('/api/guilds'));
  const failed = expect(body).rejects.toMatchObject({ code: 'unanswered' });
  limits[0]?.end();
  await failed;
});

test('what is given up on purpose is no failure, with a limit or without', async () => {
  for (const unlimited of [false, true]) {
    const stop = new AbortController();
    const failed = expect(send('/api/guilds', { signal: stop.signal, unlimited })).rejects.toMatchObject({ name: 'AbortError' });
    stop.abort();
    await failed;
  }
  expect(limits).toHaveLength(1);
});
