import { afterEach, beforeEach, expect, test, vi } from 'vitest';

vi.setConfig({ testTimeout: 60_000 }); // modules are compiled when they are first imported

// Tabs are instances of the modules; the channel between them is real, the server is not.
const account = { id: '1', kind: 'password', username: 'ada', discord_id: null, role: 'owner', guilds: [], disabled: false, created_at: '', last_used_at: null, expires_at: null };
let granted = 0;
let good = '';
let cookie = true;
let calls: string[] = [];
let tabs: { close: () => void }[] = [];

async function server(url: string, how: RequestInit = {}): Promise<Response> {
  const path = url.split('?')[0] ?? '';
  if (path === '/config.json') return Response.json({ api_base_url: '' });
  calls.push(path);
  const page = Number(new URLSearchParams(url.split('?')[1]).get('cursor'));
  await new Promise(setImmediate); // whoever else asks meanwhile
  const says = (status: number, code: string): Response => Response.json({ type: 'about:blank', title: '', status, code, detail: code }, { status });
  switch (path) {
    case '/api/auth/refresh':
    case '/api/auth/login':
      if (!cookie) return says(401, 'signed_out');
      good = `token ${++granted}`;
      return Response.json({ access_token: good, token_type: 'Bearer', expires_in: 900, account });
    case '/api/auth/logout':
      cookie = false;
      return new Response(null, { status: 204 });
    case '/api/admins': // two pages
      return Response.json({ data: [{ ...account, id: `${page}` }], next_cursor: page === 0 ? '1' : null });
    default:
      return new Headers(how.headers).get('Authorization') === `Bearer ${good}` ? Response.json({ data: [], next_cursor: null }) : says(401, 'signed_out');
  }
}

beforeEach(() => {
  [granted, good, cookie, calls, tabs] = [0, '', true, [], []];
  const kept = new Map([['coffer.session', '1']]);
  vi.stubGlobal('fetch', server);
  vi.stubGlobal('location', { search: '', pathname: '/' });
  vi.stubGlobal('localStorage', { getItem: (k: string) => kept.get(k) ?? null, setItem: (k: string, v: string) => kept.set(k, v), removeItem: (k: string) => kept.delete(k) });
  const Real = BroadcastChannel;
  vi.stubGlobal('BroadcastChannel', class extends Real {
    constructor(name: string) {
      super(name);
      tabs.push(this);
    }
  });
  // One lock for all tabs, as the browser has it for the origin.
  let last: Promise<unknown> = Promise.resolve();
  vi.stubGlobal('navigator', { locks: { request: (_: string, work: () => Promise<unknown>) => (last = last.then(work, work)) } });
});
afterEach(() => {
  for (const t of tabs) t.close();
  vi.unstubAllGlobals();
});

async function tab() {
  vi.resetModules();
  const { session } = await import('./session.svelte');
  const { api } = await import('./api');
  return { session, api };
}
type Tab = Awaited<ReturnType<typeof tab>>;
/** Waits until the channel has told a tab. */
const heard = (t: Tab, state: string): Promise<void> => vi.waitFor(() => expect(t.session.state).toBe(state), { timeout: 20_000 });

test('however many ask, one goes to the server', async () => {
  const { session, api } = await tab();
  await Promise.all([session.start(), ...Array.from({ length: 5 }, () => api.guilds())]);
  expect(calls.filter((c) => c === '/api/auth/refresh')).toHaveLength(1);
  expect([session.state, session.account?.username]).toEqual(['in', 'ada']);
});

test('a tab renews for the others', async () => {
  const [a, b] = [await tab(), await tab()];
  await a.session.start();
  await heard(b, 'in');
  await b.api.guilds();
  expect(calls).toEqual(['/api/auth/refresh', '/api/guilds']);
});

test('a token that is refused is renewed once, and the request repeated', async () => {
  const { session, api } = await tab();
  await session.start();
  good = 'another'; // the server has forgotten the first
  calls = [];
  expect(await api.guilds()).toEqual([]);
  expect(calls).toEqual(['/api/guilds', '/api/auth/refresh', '/api/guilds']);
});

test('without a session, the second refusal is told', async () => {
  const { session, api } = await tab();
  await session.start();
  [good, cookie] = ['', false];
  await expect(api.guilds()).rejects.toMatchObject({ status: 401 });
  expect([session.state, session.ended]).toEqual(['out', true]);
});

test('signing out reaches the other tabs', async () => {
  const [a, b] = [await tab(), await tab()];
  await a.session.start();
  await heard(b, 'in');
  await a.session.signOut(true);
  await heard(b, 'out');
  expect([a.session.state, a.session.ended]).toEqual(['out', false]);
  expect(b.session.ended).toBe(true);
});

test('a first visit asks nothing in vain', async () => {
  localStorage.removeItem('coffer.session');
  const { session } = await tab();
  await session.start();
  expect([session.state, calls]).toEqual(['out', []]);
});

test('whose session has ended stays known, asks nothing more, and goes on where another tab signs in', async () => {
  const [a, b] = [await tab(), await tab()];
  await a.session.start();
  await heard(b, 'in');
  [good, cookie] = ['', false];
  await expect(b.api.guilds()).rejects.toMatchObject({ status: 401 });
  calls = [];
  await expect(b.api.guilds()).rejects.toMatchObject({ status: 401 });
  expect([b.session.ended, b.session.account?.username, calls]).toEqual([true, 'ada', []]);
  cookie = true;
  await a.session.signIn('ada', 'a password that is long');
  await heard(b, 'in');
  expect([b.session.ended, await b.api.guilds()]).toEqual([false, []]);
});

test('who signs out is known to his own tab no more, and still to the others', async () => {
  const [a, b] = [await tab(), await tab()];
  await a.session.start();
  await heard(b, 'in');
  await a.session.signOut(false);
  await heard(b, 'out');
  expect([a.session.account, b.session.account?.username]).toEqual([null, 'ada']);
});

test('accounts are read to the last page', async () => {
  const { session, api } = await tab();
  await session.start();
  expect((await api.admins()).map((a) => a.id)).toEqual(['0', '1']);
  expect(calls.filter((c) => c === '/api/admins')).toHaveLength(2);
});
