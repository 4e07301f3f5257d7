// The admin API with the session of whoever is signed in.
import type { operations, paths } from './api-types';
import { read, send as transmit } from './http';
import type { Account, Guild, ItemTerms, Item, Settings, TaskTerms, Verdict } from './model';
import type { Once } from './once';
import { session } from './session.svelte';

type Query = Record<string, string | number | boolean | undefined>;

interface Asking {
  method?: string;
  query?: Query;
  json?: unknown;
  body?: BodyInit;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
  /** For streams and files, which take as long as they take. */
  unlimited?: boolean;
}

function withQuery(path: string, query: Query = {}): string {
  const all = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined && value !== '') all.set(name, String(value));
  const text = all.toString();
  return text ? `${path}?${text}` : path;
}

/** Sends a request with the access token; one that is refused is renewed once. */
async function ask(path: string, how: Asking = {}): Promise<Response> {
  const to = withQuery(path, how.query);
  const attempt = (token: string): Promise<Response> =>
    transmit(to, {
      method: how.method ?? 'GET',
      headers: {
        ...(how.json === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...how.headers,
        Authorization: `Bearer ${token}`,
      },
      body: how.json === undefined ? (how.body ?? null) : JSON.stringify(how.json),
      signal: how.signal,
      unlimited: how.unlimited ?? false,
    });
  const token = await session.token();
  const answer = await attempt(token);
  if (answer.status !== 401) return answer;
  return attempt(await session.renew(token));
}

type Verb = 'get' | 'put' | 'post' | 'patch' | 'delete';
type Operation<P extends keyof paths, V extends Verb> = NonNullable<paths[P][V]>;
type Content<A> = A extends { content: { 'application/json': infer T } } ? T : void;
/** What an operation answers when it went well. */
type Answer<O> = O extends { responses: { 200: infer A } } ? Content<A> : O extends { responses: { 201: infer A } } ? Content<A> : void;
type Body<O> = O extends { requestBody?: { content: { 'application/json': infer B } } } ? B : never;
type Known<O> = O extends { parameters: { query?: infer Q } } ? { [K in keyof NonNullable<Q>]?: string | number | boolean | undefined } : never;

interface Call<O> {
  /** What stands in the path's brackets, in their order. */
  ids?: string[];
  query?: Known<O>;
  json?: Body<O>;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
  unlimited?: boolean;
}

/** What a list can be narrowed to. */
type Filter<O extends keyof operations> = Known<operations[O]>;

/** Sends what the API's description has, as it has it. */
async function send<P extends keyof paths, V extends Verb>(verb: V, path: P, how: Call<Operation<P, V>>): Promise<Response> {
  const ids = [...(how.ids ?? [])];
  const to = path.replace(/\{\w+\}/g, () => encodeURIComponent(ids.shift() ?? ''));
  return ask(to, { method: verb.toUpperCase(), query: (how.query ?? {}) as Query, json: how.json, headers: how.headers ?? {}, signal: how.signal, unlimited: how.unlimited ?? false });
}
const call = async <P extends keyof paths, V extends Verb>(verb: V, path: P, how: Call<Operation<P, V>> = {}): Promise<Answer<Operation<P, V>>> => read(await send(verb, path, how));

/** A resource with the tag that a change of it must name. */
export interface Tagged<T> {
  value: T;
  tag: string;
}

async function tagged<P extends keyof paths, V extends Verb>(verb: V, path: P, how: Call<Operation<P, V>>): Promise<Tagged<Answer<Operation<P, V>>>> {
  const answer = await send(verb, path, how);
  const tag = answer.headers.get('ETag') ?? '';
  return { value: await read(answer), tag };
}

/** The whole of a list that is read page by page. */
async function all<T>(read: (page: { limit: number; cursor: string }) => Promise<{ data: T[]; next_cursor: string | null }>): Promise<T[]> {
  const whole: T[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: { data: T[]; next_cursor: string | null } = await read({ limit: 100, cursor });
    whole.push(...page.data);
    cursor = page.next_cursor;
  }
  return whole;
}

export type Adjust = { kind: 'give' | 'take' | 'set'; amount: number; reason: string };

/** What a guild's resources are. */
export function guildApi(id: string) {
  const ids = (...more: string[]): string[] => [id, ...more];
  return {
    settings: (signal?: AbortSignal) => tagged('get', '/api/guilds/{guild}/settings', { ids: ids(), signal }),
    changeSettings: (json: Settings, tag: string) => tagged('put', '/api/guilds/{guild}/settings', { ids: ids(), json, headers: { 'If-Match': tag } }),
    channels: (signal?: AbortSignal) => call('get', '/api/guilds/{guild}/channels', { ids: ids(), signal }).then((c) => c.data),
    roles: (signal?: AbortSignal) => call('get', '/api/guilds/{guild}/roles', { ids: ids(), signal }).then((r) => r.data),

    members: (query: Filter<'listMembers'>, signal?: AbortSignal) => call('get', '/api/guilds/{guild}/members', { ids: ids(), query, signal }),
    member: (member: string, signal?: AbortSignal) => call('get', '/api/guilds/{guild}/members/{member}', { ids: ids(member), signal }),
    memberData: (member: string) => call('get', '/api/guilds/{guild}/members/{member}/data', { ids: ids(member) }),
    erase: (member: string, key: Once) => call('delete', '/api/guilds/{guild}/members/{member}', { ids: ids(member), headers: key.for({ member }) }),
    adjust: (member: string, json: Adjust, key: Once) => call('post', '/api/guilds/{guild}/members/{member}/adjustments', { ids: ids(member), json, headers: key.for({ member, ...json }) }),
    adjustAll: (json: Adjust & { members: string[]; dry_run: boolean }, key: Once) => call('post', '/api/guilds/{guild}/adjustments', { ids: ids(), json, headers: key.for(json) }),
    importBalances: async (body: Blob, query: Filter<'importBalances'>, key: Record<string, string>): Promise<Answer<operations['importBalances']>> =>
      read(await ask(`/api/guilds/${encodeURIComponent(id)}/imports`, { method: 'POST', unlimited: true, body, query, headers: { 'Content-Type': 'text/csv', ...key } })),

    transactions: (query: Filter<'listTransactions'>, signal?: AbortSignal) => call('get', '/api/guilds/{guild}/transactions', { ids: ids(), query, signal }),
    transaction: (t: string, signal?: AbortSignal) => call('get', '/api/guilds/{guild}/transactions/{transaction}', { ids: ids(t), signal }),
    reverse: (t: string, reason: string, key: Once) => call('post', '/api/guilds/{guild}/transactions/{transaction}/reversal', { ids: ids(t), json: { reason }, headers: key.for({ t, reason }) }),
    stats: (days: number, signal?: AbortSignal) => call('get', '/api/guilds/{guild}/stats', { ids: ids(), query: { days }, signal }),
    books: (signal?: AbortSignal) => call('get', '/api/guilds/{guild}/books', { ids: ids(), signal }),

    tasks: (query: Filter<'listTasks'>, signal?: AbortSignal) => call('get', '/api/guilds/{guild}/tasks', { ids: ids(), query, signal }),
    allTasks: (signal?: AbortSignal) => all((page) => call('get', '/api/guilds/{guild}/tasks', { ids: ids(), query: page, signal })),
    task: (t: string, signal?: AbortSignal) => tagged('get', '/api/guilds/{guild}/tasks/{task}', { ids: ids(t), signal }),
    createTask: (json: TaskTerms & { state: 'draft' | 'open' }, key: Once) => call('post', '/api/guilds/{guild}/tasks', { ids: ids(), json, headers: key.for(json) }),
    editTask: (t: string, json: TaskTerms, tag: string) => tagged('put', '/api/guilds/{guild}/tasks/{task}', { ids: ids(t), json, headers: { 'If-Match': tag } }),
    moveTask: (t: string, state: 'open' | 'closed' | 'archived') => call('put', '/api/guilds/{guild}/tasks/{task}/state', { ids: ids(t), json: { state } }),

    submissions: (query: Filter<'listSubmissions'>, signal?: AbortSignal) => call('get', '/api/guilds/{guild}/submissions', { ids: ids(), query, signal }),
    submission: (s: string, signal?: AbortSignal) => call('get', '/api/guilds/{guild}/submissions/{submission}', { ids: ids(s), signal }),
    proof: (s: string, signal?: AbortSignal) => call('get', '/api/guilds/{guild}/submissions/{submission}/proof', { ids: ids(s), signal }),
    review: (s: string, json: Verdict, key: Once) => call('post', '/api/guilds/{guild}/submissions/{submission}/review', { ids: ids(s), json, headers: key.for({ s, ...json }) }),
    reviewAll: (json: Verdict & { submissions: string[] }, key: Once) => call('post', '/api/guilds/{guild}/reviews', { ids: ids(), json, headers: key.for(json) }),

    items: (query: Filter<'listItems'>, signal?: AbortSignal) => call('get', '/api/guilds/{guild}/items', { ids: ids(), query, signal }),
    item: (i: string, signal?: AbortSignal) => tagged('get', '/api/guilds/{guild}/items/{item}', { ids: ids(i), signal }),
    createItem: (json: ItemTerms & { stock: Item['stock'] }, key: Once) => call('post', '/api/guilds/{guild}/items', { ids: ids(), json, headers: key.for(json) }),
    editItem: (i: string, json: ItemTerms & { stock?: Item['stock'] }, tag: string) => tagged('put', '/api/guilds/{guild}/items/{item}', { ids: ids(i), json, headers: { 'If-Match': tag } }),
    archiveItem: (i: string) => call('put', '/api/guilds/{guild}/items/{item}/state', { ids: ids(i), json: { state: 'archived' } }),
    purchases: (query: Filter<'listPurchases'>, signal?: AbortSignal) => call('get', '/api/guilds/{guild}/purchases', { ids: ids(), query, signal }),
    refund: (p: string, reason: string, key: Once) => call('post', '/api/guilds/{guild}/purchases/{purchase}/refund', { ids: ids(p), json: { reason }, headers: key.for({ p, reason }) }),

    deliveries: (query: Filter<'listDeliveries'>, signal?: AbortSignal) => call('get', '/api/guilds/{guild}/deliveries', { ids: ids(), query, signal }),
    retry: (d: string) => call('post', '/api/guilds/{guild}/deliveries/{delivery}/retry', { ids: ids(d) }),
    trail: (query: Filter<'listTrail'>, signal?: AbortSignal) => call('get', '/api/guilds/{guild}/trail', { ids: ids(), query, signal }),

    /** A whole list as a file. */
    csv: async (list: 'members' | 'transactions' | 'trail', query: Query): Promise<Blob> => {
      const answer = await ask(`/api/guilds/${encodeURIComponent(id)}/${list}`, { unlimited: true, query, headers: { Accept: 'text/csv' } });
      return answer.ok ? answer.blob() : read<Blob>(answer); // throws
    },
    events: (last: string, signal: AbortSignal) => send('get', '/api/guilds/{guild}/events', { ids: ids(), headers: { Accept: 'text/event-stream', ...(last ? { 'Last-Event-ID': last } : {}) }, signal, unlimited: true }),
  };
}
export type GuildApi = ReturnType<typeof guildApi>;

/** What does not belong to a guild. */
export const api = {
  methods: async (): Promise<Answer<operations['getSignInMethods']>> => read(await transmit('/api/auth/methods')),
  /** All that the account may see: few, as a rule. */
  guilds: (signal?: AbortSignal): Promise<Guild[]> => all((page) => call('get', '/api/guilds', { query: page, signal })),
  changePassword: (current: string, next: string) => call('put', '/api/auth/password', { json: { current, new: next } }),
  admins: (signal?: AbortSignal): Promise<Account[]> => all((page) => call('get', '/api/admins', { query: page, signal })),
  createAdmin: (json: Body<operations['createAdmin']>, key: Once) => call('post', '/api/admins', { json, headers: key.for(json) }),
  changeAdmin: (id: string, json: Body<operations['changeAdmin']>) => call('patch', '/api/admins/{admin}', { ids: [id], json }),
  tokens: (signal?: AbortSignal): Promise<Account[]> => all((page) => call('get', '/api/tokens', { query: page, signal })),
  createToken: (json: Body<operations['createToken']>, key: Once) => call('post', '/api/tokens', { json, headers: key.for(json) }),
  revokeToken: (id: string) => call('delete', '/api/tokens/{token}', { ids: [id] }),
  accountTrail: (query: Filter<'listAccountTrail'>, signal?: AbortSignal) => call('get', '/api/trail', { query, signal }),
};
