// The way to the server: where it is, and one request without anybody's session.
import { isAbort, problemOf, unanswered, unreachable } from './problem';

let found: Promise<string> | null = null;

/** The API's origin, '' for this page's own. It is asked for once. */
export function origin(): Promise<string> {
  found ??= fetch('/config.json')
    .then(async (r) => (r.ok ? ((await r.json()) as { api_base_url?: string }) : {}))
    .then((c) => (c.api_base_url ?? '').replace(/\/+$/, ''))
    .catch(() => {
      found = null;
      throw unreachable();
    });
  return found;
}

export interface Sending {
  method?: string;
  headers?: Record<string, string>;
  body?: BodyInit | null;
  signal?: AbortSignal | undefined;
  /** For streams and files, which take as long as they take. */
  unlimited?: boolean;
}

/** Longer than the server works on an answer, in milliseconds. */
const limit = 31_000;

/** Sends one request with its cookies. Throws a Problem if there is no answer in time, or an AbortError. */
export async function send(path: string, how: Sending = {}): Promise<Response> {
  const base = await origin();
  const signals = [...(how.signal ? [how.signal] : []), ...(how.unlimited ? [] : [AbortSignal.timeout(limit)])];
  try {
    return await fetch(base + path, {
      method: how.method ?? 'GET',
      headers: how.headers ?? {},
      body: how.body ?? null,
      signal: AbortSignal.any(signals),
      credentials: base ? 'include' : 'same-origin',
      cache: 'no-store',
    });
  } catch (err) {
    if (isAbort(err)) throw err;
    throw isTimeout(err) ? unanswered() : unreachable();
  }
}

const isTimeout = (err: unknown): boolean => err instanceof DOMException && err.name === 'TimeoutError';

/** Reads an answer as JSON. Throws its problem if it is one. */
export async function read<T>(answer: Response): Promise<T> {
  const raw = await answer.text().catch((err: unknown) => {
    throw isTimeout(err) ? unanswered() : unreachable();
  });
  let body: unknown = null;
  try {
    body = raw === '' ? null : JSON.parse(raw);
  } catch {
    if (answer.ok) throw problemOf(502, null);
  }
  if (!answer.ok) throw problemOf(answer.status, body, Number(answer.headers.get('Retry-After')) || 0);
  return body as T;
}

/** A key that no other has. It works without a secure context, too. */
export function unique(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
}
