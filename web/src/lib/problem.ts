// What the API answers instead of a result (RFC 9457), and what stands in its place
// when it does not answer at all.

export interface FieldProblem {
  field: string;
  code: string;
  detail: string;
}

export class Problem extends Error {
  override readonly name = 'Problem';

  constructor(
    /** 0: no answer came. */
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly reference = '',
    readonly fields: FieldProblem[] = [],
    /** Whatever else the document holds: "current", "changed_by". */
    readonly extras: Record<string, unknown> = {},
    /** Seconds, with 429 and 503. */
    readonly retryAfter = 0,
  ) {
    super(detail);
  }

  /** Nobody can tell whether the request took effect: it may be sent again as it was. */
  get unsettled(): boolean {
    return this.status === 0 || this.status >= 500;
  }

  get denied(): boolean {
    return this.status === 403;
  }

  field(name: string): string {
    return this.fields.find((f) => f.field === name)?.detail ?? '';
  }
}

const isObject = (v: unknown): v is Record<string, unknown> => typeof v === 'object' && v !== null && !Array.isArray(v);
const text = (v: unknown): string => (typeof v === 'string' ? v : '');

/** Reads a problem document, or says so if the answer is none. */
export function problemOf(status: number, body: unknown, retryAfter = 0): Problem {
  if (!isObject(body) || typeof body['detail'] !== 'string') {
    const detail = status >= 500 ? 'The server could not do that just now. Try again in a moment.' : `The server refused that (${status}).`;
    return new Problem(status, 'unreadable', detail, '', [], {}, retryAfter);
  }
  const { code, detail, request_id, fields, type: _type, title: _title, status: _status, ...extras } = body;
  const list = Array.isArray(fields) ? fields.filter(isObject).map((f) => ({ field: text(f['field']), code: text(f['code']), detail: text(f['detail']) })) : [];
  const told = /^too_many_(requests|logins)$/.test(text(code)) && retryAfter > 0 ? `That was too much at once. Try again in ${retryAfter} s.` : text(detail); // which speaks to programs
  return new Problem(status, text(code), told, text(request_id), list, extras, retryAfter);
}

export const unreachable = (): Problem => new Problem(0, 'unreachable', 'The server cannot be reached. Look at your connection.');

export const unanswered = (): Problem => new Problem(0, 'unanswered', 'The server has not answered in time.');

/** Any failure as a problem. */
export function toProblem(err: unknown): Problem {
  if (err instanceof Problem) return err;
  return new Problem(-1, 'page', 'Something went wrong in this page: ' + (err instanceof Error ? err.message : String(err)));
}

/** A request that was given up on purpose is no failure. */
export const isAbort = (err: unknown): boolean => err instanceof DOMException && err.name === 'AbortError';
