// A stand-in of the admin API for work on the dashboard before the server has one.
import type { Connect, Plugin } from 'vite';
import type { IncomingMessage, ServerResponse } from 'node:http';

const names = ['Ada Lovelace', 'bob', 'Charlotte of the Very Long And Winding Name That Never Ends', 'Dmitri ✨', '李小龙', 'محمد', 'eve', 'Frankie', 'grace_hopper', 'Heidi', 'ivan.the.great', 'Judy', 'Mallory', 'Niaj', 'Olivia', 'peggy', 'Rupert', 'Sybil', 'Trent', 'Victor', 'Walter', 'xX_Dragon_Xx', 'Yolanda', 'Zoë', 'Åsa', 'Ólafur', 'Quentin', 'Kim', 'Lars', 'Uma'];
const now = Date.now();
const iso = (msAgo: number): string => new Date(now - msAgo).toISOString();
const H = 3600_000, D = 24 * H;
const gid = '1180000000000000100';
let seq = 1000;
const nid = (): string => String(++seq);
type Any = any;
const members: Any[] = names.map((name, i) => ({ id: String(i + 1), user_id: String(1180000000000000200n + BigInt(i)), name, balance: Math.round(20000 / (i + 1)) * 7, streak: (i * 5) % 9, last_daily: i % 4 ? iso(i * H).slice(0, 10) : null, created_at: iso((i + 1) * 3 * D) }));
members[0].balance = 1_234_567_890;
for (let i = 31; i <= 60; i++) members.push({ id: String(i), user_id: String(1180000000000000200n + BigInt(i)), name: `member${i}`, balance: i * 3, streak: 0, last_daily: null, created_at: iso(i * D) });
const actor = (m: Any): Any => ({ kind: 'member', id: m.id, user_id: m.user_id, name: m.name });
const me = { kind: 'account', id: '1', user_id: null, name: 'admin' };
const transactions: Any[] = [];
const trail: Any[] = [];
const streams = new Set<ServerResponse>();
function happen(kind: string, by: Any, subject: string, before: Any, after: Any, at = new Date().toISOString()): void {
  const e = { id: nid(), position: String(seq), kind, actor: by, subject, before, after, at };
  trail.unshift(e);
  for (const s of streams) s.write(`id: ${e.position}\nevent: ${kind}\ndata: ${JSON.stringify(e)}\n\n`);
}
function move(kind: string, by: Any, m: Any, amount: number, note: string, at = new Date().toISOString()): Any {
  const before = m.balance;
  if (Date.parse(at) > now - 1000) m.balance += amount;
  const t = { id: nid(), kind, actor: by, note, at, reverses: null, reversed_by: null, entries: [
    { account: { ...actor(m), system: null }, amount, balance: m.balance },
    { account: { kind: 'system', id: amount > 0 ? 'mint' : 'burn', user_id: null, name: '', system: amount > 0 ? 'mint' : 'burn' }, amount: -amount, balance: null }] };
  transactions.unshift(t);
  happen(kind, by, `transaction:${t.id}`, { balance: before }, { balance: m.balance, amount }, at);
  return t;
}
for (let i = 120; i > 0; i--) {
  const m = members[i % 25];
  move(['daily', 'reward', 'give', 'purchase', 'transfer', 'take'][i % 6]!, i % 6 === 2 || i % 6 === 5 ? me : actor(m), m, i % 6 === 3 || i % 6 === 5 ? -50 * (i % 7 + 1) : 25 * (i % 9 + 1), i % 5 ? '' : 'For helping out at the event on Saturday night, thank you so much', iso(i * 0.8 * H + 2000));
}
const terms = { description: 'Tell newcomers how **things** work here.\n- short\n- clear\n- kind', picture: '', reward: 1500, proof: 'text', review: 'person', answer: '', places: 3, repeat: 'once', deadline: null, claim_hours: 48, tries: 3, required_role: '', prerequisite: null };
const tasks: Any[] = ['Write a guide for newcomers', 'Post a picture of your setup', 'Invite a friend', 'Answer the riddle', 'Weekly clean-up of the very long channel list, all of it, until nothing is left to clean up'].map((title, i) => ({ id: String(i + 1), ...terms, title, proof: ['text', 'image', 'link', 'text', 'none'][i], review: i === 3 ? 'answer' : 'person', answer: i === 3 ? '42' : '', repeat: i === 4 ? 'weekly' : 'once', state: ['open', 'open', 'draft', 'closed', 'archived'][i], version: 1, taken: i, waiting: i % 3, created_at: iso(i * D), changed_at: iso(i * H), changed_by: actor(members[0]) }));
const submissions: Any[] = [];
for (let i = 0; i < 14; i++) submissions.push({ id: String(i + 1), claim: String(i + 1), task: { id: String(i % 3 + 1), name: tasks[i % 3].title }, proof: tasks[i % 3].proof, member: actor(members[i + 1]), text: i % 3 === 0 ? 'I wrote a long guide about how everything works.\nIt has three parts.\n\n1. Coins\n2. Tasks\n3. Shop' : i % 3 === 2 ? 'https://example.com/a-guide' : '', picture: i % 3 === 1 ? { name: 'setup.png', type: 'image/png', size: 123456 } : null, reward: 1500, try: 1 + i % 2, submitted_at: iso(i * H), state: i < 9 ? 'waiting' : i % 2 ? 'accepted' : 'refused', reviewer: i < 9 ? null : actor(members[0]), percent: 100, paid: i < 9 ? 0 : 1500, reason: i >= 9 && i % 2 === 0 ? 'Too short' : '', last: false, reviewed_at: i < 9 ? null : iso(i * H / 2) });
const items: Any[] = ['VIP for a week', 'Sticker pack', 'Potion of Very Long Names That Go On And On', 'Mystery box', 'Old hat'].map((name, i) => ({ id: String(i + 1), name, description: 'Something **nice** to have.', category: i % 2 ? 'Fun' : 'Roles', picture: '', price: 250 * (i + 1), member_limit: i === 1 ? 2 : 0, required_role: '', minimum_balance: 0, from: null, until: null, role: i === 0 ? '77' : '', role_hours: i === 0 ? 168 : 0, usable: i === 2, use_message: i === 2 ? 'Glug' : '', stock: { limited: i % 2 === 1, left: i % 2 ? 3 : 0 }, state: i === 4 ? 'archived' : 'active', changed_at: iso(i * H), changed_by: actor(members[0]), version: 1, sold: i * 7, created_at: iso(i * D) }));
const purchases: Any[] = Array.from({ length: 12 }, (_, i) => ({ id: String(i + 1), item: { id: String(i % 4 + 1), name: items[i % 4].name }, member: actor(members[i]), quantity: 1 + i % 2, total: 250 * (1 + i % 2), at: iso(i * 5 * H), state: i % 5 === 4 ? 'refunded' : 'kept', transaction: '1', refund: null }));
const deliveries: Any[] = [{ id: '1', kind: 'role', state: 'failed', attempts: 1, member: actor(members[3]), role_id: '77', channel_id: null, subject: null, notice: null, error: 'discord: 403: Missing Permissions (50013)', created_at: iso(3 * H), due_at: null }, { id: '2', kind: 'card', state: 'waiting', attempts: 4, member: null, role_id: null, channel_id: '1180000000000000301', subject: 'task:1', notice: 'task', error: 'discord: 500', created_at: iso(H), due_at: iso(-60_000) }];
let settings: Any = { currency_name: 'coins', currency_symbol: '🪙', starting_balance: 100, daily_amount: 100, streak_bonus: 10, streak_cap: 10, grace: 1, time_zone: 'Europe/Berlin', max_balance: 1_000_000_000_000_000, admin_channel: '', task_channel: '1180000000000000301', review_channel: '', reviewer_role: '' };
let settingsVersion = 1;
const admins: Any[] = [{ id: '1', kind: 'password', username: 'admin', discord_id: null, role: 'owner', guilds: [], disabled: false, created_at: iso(90 * D), last_used_at: iso(60_000), expires_at: null }, { id: '2', kind: 'discord', username: 'ada', discord_id: '1180000000000000200', role: 'manager', guilds: [gid], disabled: false, created_at: iso(30 * D), last_used_at: iso(2 * H), expires_at: null }];
const tokens: Any[] = [{ id: '3', kind: 'token', username: 'backup script', discord_id: null, role: 'viewer', guilds: [gid], disabled: false, created_at: iso(9 * D), last_used_at: null, expires_at: iso(-90 * D) }];
const empty = process.env['STANDIN_EMPTY'] === '1';

const page = (list: Any[], q: URLSearchParams): Any => {
  const at = Number(q.get('cursor') ?? 0), n = Number(q.get('limit') ?? 25);
  return { data: list.slice(at, at + n), next_cursor: at + n < list.length ? String(at + n) : null };
};
function stats(days: number): Any {
  return { at: new Date().toISOString(), members: empty ? 0 : members.length, circulation: empty ? 0 : members.reduce((a, m) => a + m.balance, 0), days: Array.from({ length: days }, (_, k) => { const i = days - 1 - k; const f = empty ? 0 : 1 + ((i * 37) % 11); return { day: new Date(now - i * D).toISOString().slice(0, 10), minted: f * 420, burned: f * 20, spent: f * 200, refunded: f % 3, transactions: f * 12, active_members: f * 5, joined: f % 4, dailies: f * 4, transfers: f * 2, sales: f, rewards: f % 5 }; }), top_earners: empty ? [] : members.slice(0, 6).map((m, i) => ({ member: actor(m), amount: 9000 - i * 800 })), top_spenders: empty ? [] : members.slice(3, 9).map((m, i) => ({ member: actor(m), amount: 5000 - i * 500 })), top_since: iso(0), top_incomplete: false, waiting: { reviews: submissions.filter((s) => s.state === 'waiting').length, deliveries_failed: deliveries.filter((d) => d.state === 'failed').length, deliveries_waiting: deliveries.filter((d) => d.state === 'waiting').length } };
}
class No extends Error { constructor(readonly status: number, readonly code: string, readonly detail: string, readonly more: Any = {}, readonly headers: Any = {}) { super(detail); } }
const body = async (r: IncomingMessage): Promise<string> => { let s = ''; for await (const c of r) s += c; return s; };
const found = (list: Any[], id: string | undefined): Any => list.find((x) => x.id === id) ?? (() => { throw new No(404, 'unknown', 'There is no such thing in this server.'); })();

async function answer(r: IncomingMessage, w: ServerResponse): Promise<void> {
  const url = new URL(r.url!, 'http://x');
  const q = url.searchParams;
  const p = url.pathname.split('/').slice(2).map(decodeURIComponent);
  const send = (v: Any, status = 200, headers: Any = {}): void => { w.writeHead(status, { 'Content-Type': 'application/json', ...headers }); w.end(status === 204 ? undefined : JSON.stringify(v)); };
  const grant = (): Any => ({ access_token: 't' + Date.now(), token_type: 'Bearer', expires_in: 900, account: admins[0] });
  const M = r.method;
  const json = async (): Promise<Any> => JSON.parse((await body(r)) || '{}');
  if (p[0] === 'auth') {
    if (p[1] === 'methods') return send({ password: true, discord: true, demo: { username: 'admin', password: 'demo-password' } });
    if (p[1] === 'login') { const b = await json(); if (b.password !== 'demo-password') throw new No(401, 'bad_credentials', 'The name or the password is wrong.'); return send(grant(), 200, { 'Set-Cookie': 'refresh=1; HttpOnly; Path=/api/auth' }); }
    if (p[1] === 'refresh') { if (!/refresh=1/.test(r.headers.cookie ?? '')) throw new No(401, 'signed_out', 'Sign in again.'); return send(grant()); }
    if (p[1] === 'logout') return send(null, 204, { 'Set-Cookie': 'refresh=; Path=/api/auth; Max-Age=0' });
    return send({});
  }
  if (!r.headers.authorization) throw new No(401, 'signed_out', 'Sign in.');
  if (p[0] === 'admins') { if (M === 'POST') { const b = await json(); const a = { id: nid(), kind: 'password', discord_id: null, disabled: false, created_at: iso(0), last_used_at: null, expires_at: null, guilds: [], ...b }; admins.push(a); return send(a, 201); } if (M === 'PATCH') { const a = found(admins, p[1]); Object.assign(a, await json()); return send(a); } return send({ data: admins, next_cursor: null }); }
  if (p[0] === 'tokens') { if (M === 'POST') { const b = await json(); const t = { id: nid(), kind: 'token', username: b.name, discord_id: null, role: b.role, guilds: b.guilds, disabled: false, created_at: iso(0), last_used_at: null, expires_at: b.expires_at }; tokens.push(t); return send({ ...t, token: 'coffer_abcdefghijklmnopqrstuvwxyz0123456789' }, 201); } if (M === 'DELETE') { tokens.splice(tokens.findIndex((t) => t.id === p[1]), 1); return send(null, 204); } return send({ data: tokens, next_cursor: null }); }
  if (p[0] !== 'guilds') throw new No(404, 'not_found', 'Nothing here.');
  if (p.length === 1) return send({ next_cursor: null, data: [{ id: gid, name: 'The Harbour', icon_url: null, members: members.length, currency: { name: settings.currency_name, symbol: settings.currency_symbol }, role: 'owner' }, { id: '1180000000000000999', name: 'A Second Community With A Rather Long Name', icon_url: null, members: 3, currency: { name: 'gems', symbol: '💎' }, role: 'viewer' }] });
  const s = p.slice(2);
  switch (s[0]) {
    case 'settings': {
      if (M === 'PUT') { if (r.headers['if-match'] !== `"${settingsVersion}"`) throw new No(412, 'changed', 'Somebody has changed the settings in the meantime.', { current: settings, changed_by: actor(members[0]), changed_at: iso(5000) }); const before = settings; settings = await json(); if (!settings.currency_name) { settings = before; throw new No(400, 'settings', 'A setting is out of its range.', { fields: [{ field: 'currency_name', code: 'range', detail: 'A name has 1 to 32 characters.' }] }); } settingsVersion++; happen('settings.changed', me, 'guild', before, settings); }
      return send(settings, 200, { ETag: `"${settingsVersion}"` });
    }
    case 'channels': return send({ data: [{ id: '1180000000000000301', name: 'tasks', kind: 'text', position: 1 }, { id: '1180000000000000302', name: 'staff-only-and-very-private', kind: 'text', position: 2 }] });
    case 'roles': return send({ data: [{ id: '77', name: 'VIP', color: 15844367, position: 2 }, { id: '78', name: 'Reviewer', color: 3447003, position: 1 }] });
    case 'members': {
      if (s.length === 1) {
        let list = empty ? [] : [...members];
        const t = (q.get('search') ?? '').toLowerCase();
        if (t) list = list.filter((m) => m.name.toLowerCase().includes(t) || m.user_id === t);
        const sort = q.get('sort') ?? '-balance'; const by = sort.replace('-', '').replace('created', 'created_at');
        if (t && sort !== 'name') throw new No(400, 'query', 'What is looked for is listed by name.');
        list.sort((a, b) => (a[by] < b[by] ? -1 : 1) * (sort.startsWith('-') ? -1 : 1));
        if (r.headers.accept?.includes('csv')) { w.writeHead(200, { 'Content-Type': 'text/csv' }); w.end('id,name\n'); return; }
        return send(page(list, q));
      }
      const m = found(members, s[1]);
      if (s[2] === 'adjustments') { const b = await json(); const before = m.balance; const d = b.kind === 'give' ? b.amount : b.kind === 'take' ? -b.amount : b.amount - m.balance; if (m.balance + d < 0) throw new No(422, 'insufficient_funds', 'There are not enough coins for that.'); move(b.kind, me, m, d, b.reason); return send({ transaction: nid(), before, after: m.balance }, 201); }
      if (s[2] === 'data') return send(m);
      if (M === 'DELETE') { m.name = ''; m.user_id = null; const burned = m.balance; m.balance = 0; return send({ burned }); }
      const mine = transactions.filter((t) => t.entries.some((e: Any) => e.account.id === m.id)).slice(0, 25);
      return send({ ...m, rank: { position: Number(m.id), top_percent: null }, next_daily: iso(-5 * H), inventory: [{ item: '2', name: 'Sticker pack', quantity: 2, usable: false, role: null, role_until: null }], claims: [{ id: '1', task: '1', title: tasks[0].title, state: 'submitted', reward: 1500, tries: 1, paid: 0, created_at: iso(D), due: null, reason: '' }], history: mine });
    }
    case 'adjustments': case 'imports': {
      const b = s[0] === 'imports' ? { dry_run: q.get('dry_run') === 'true', kind: 'set', members: [], amount: 0 } : await json();
      let wanted: Any[] = [];
      const errors: Any[] = [];
      if (s[0] === 'imports') (await body(r)).trim().split(/\r?\n/).slice(1).forEach((line, i) => { const [u, n] = line.split(','); const m = members.find((x) => x.user_id === u); if (!m) errors.push({ index: i + 2, member: null, code: 'user_id', detail: 'That is no Discord id.' }); else wanted.push([m, Number(n)]); });
      else wanted = b.members.map((i: string) => { const m = found(members, i); return [m, b.kind === 'give' ? m.balance + b.amount : b.kind === 'take' ? m.balance - b.amount : b.amount]; });
      wanted.forEach(([m, n], i) => { if (n < 0) errors.push({ index: i, member: m.id, code: 'insufficient_funds', detail: `There are only ${m.balance} to take.` }); });
      const changes = wanted.map(([m, n], index) => ({ index, member: m.id, transaction: null, before: m.balance, after: n }));
      if (!b.dry_run && !errors.length) for (const [m, n] of wanted) move(b.kind, me, m, n - m.balance, b.reason ?? '');
      return send({ dry_run: b.dry_run, applied: !b.dry_run && !errors.length, created: 0, count: changes.length, minted: changes.reduce((a, c) => a + Math.max(0, c.after - c.before), 0), burned: changes.reduce((a, c) => a + Math.max(0, c.before - c.after), 0), changes: changes.slice(0, 200), errors });
    }
    case 'transactions': {
      if (s[2] === 'reversal') { const t = found(transactions, s[1]); if (t.reversed_by) throw new No(409, 'already_reversed', 'That transaction was undone already.'); const m = found(members, t.entries[0].account.id); const n = move('reversal', me, m, -t.entries[0].amount, ''); n.reverses = t.id; t.reversed_by = n.id; return send(n, 201); }
      if (s[1]) return send(found(transactions, s[1]));
      return send(page(empty ? [] : transactions.filter((t) => (!q.get('kind') || t.kind === q.get('kind')) && (!q.get('member') || t.entries.some((e: Any) => e.account.id === q.get('member')))), q));
    }
    case 'stats': return send(stats(Number(q.get('days') ?? 30)));
    case 'books': return send({ balanced: true, at: new Date().toISOString(), mint: -123456, shop: 20000, burn: 3000, members: 100456, entries: 2480, transactions: 1204, invariants: ['transactions_balance', 'balances_match', 'balances_lawful', 'units_match', 'rewards_once'].map((name) => ({ name, statement: 'the ' + name.replace(/_/g, ' '), broken: 0, example: null })) });
    case 'tasks': {
      if (M === 'POST') { const b = await json(); if (tasks.some((t) => t.title === b.title)) throw new No(409, 'title_taken', 'Another task has that title.'); const t = { id: nid(), state: 'open', version: 1, taken: 0, waiting: 0, created_at: iso(0), ...b }; tasks.unshift(t); happen('task.created', me, `task:${t.id}`, null, { title: t.title }); return send(t, 201, { ETag: '"1"' }); }
      if (!s[1]) { const t = (q.get('search') ?? '').toLowerCase(); return send(page(empty ? [] : tasks.filter((x) => (!q.get('state') || x.state === q.get('state')) && x.title.toLowerCase().includes(t)), q)); }
      const t = found(tasks, s[1]);
      if (s[2] === 'state') { const { state } = await json(); t.state = state; t.version++; happen(`task.${state === 'open' ? 'opened' : state}`, me, `task:${t.id}`, null, { title: t.title }); return send(t); }
      if (M === 'PUT') { if (r.headers['if-match'] !== `"${t.version}"`) throw new No(412, 'changed', 'The task was changed in the meantime.', { current: t, changed_by: actor(members[0]), changed_at: iso(5000) }); const before = { ...t }; Object.assign(t, await json()); t.version++; happen('task.changed', me, `task:${t.id}`, before, t); }
      return send(t, 200, { ETag: `"${t.version}"` });
    }
    case 'submissions': {
      if (!s[1]) return send(page(empty ? [] : submissions.filter((x) => (!q.get('state') || x.state === q.get('state')) && (!q.get('task') || x.task.id === q.get('task'))), q));
      const x = found(submissions, s[1]);
      if (s[2] === 'proof') return send({ url: 'https://picsum.photos/800/500', expires_at: null });
      if (s[2] === 'review') { const v = await json(); if (x.state !== 'waiting') throw new No(409, 'reviewed', 'That was reviewed already, by Ada.'); review(x, v); }
      return send(x);
    }
    case 'reviews': { const v = await json(); return send({ data: v.submissions.map((i: string) => { const x = found(submissions, i); if (x.state !== 'waiting') return { submission: i, ok: false, problem: { code: 'reviewed', detail: 'That was reviewed already.' }, result: null }; review(x, v); return { submission: i, ok: true, problem: null, result: x }; }) }); }
    case 'items': {
      if (M === 'POST') { const b = await json(); const t = { id: nid(), state: 'active', version: 1, sold: 0, created_at: iso(0), ...b }; items.unshift(t); happen('item.created', me, `item:${t.id}`, null, { name: t.name }); return send(t, 201); }
      if (!s[1]) { const t = (q.get('search') ?? '').toLowerCase(); const st = q.get('state') ?? 'active'; return send(page(empty ? [] : items.filter((x) => (st === 'all' || st === x.state) && x.name.toLowerCase().includes(t)), q)); }
      const t = found(items, s[1]);
      if (s[2] === 'state') { t.state = 'archived'; happen('item.archived', me, `item:${t.id}`, null, { name: t.name }); return send(t); }
      if (M === 'PUT') { if (r.headers['if-match'] !== `"${t.version}"`) throw new No(412, 'changed', 'The item was changed in the meantime.', { current: t, changed_by: actor(members[0]), changed_at: iso(5000) }); Object.assign(t, await json()); t.version++; happen('item.changed', me, `item:${t.id}`, null, { name: t.name }); }
      return send(t, 200, { ETag: `"${t.version}"` });
    }
    case 'purchases': if (s[2] === 'refund') { const x = found(purchases, s[1]); x.state = 'refunded'; return send(x); } return send(page(empty ? [] : purchases.filter((x) => (!q.get('item') || x.item.id === q.get('item'))), q));
    case 'deliveries': if (s[2] === 'retry') { found(deliveries, s[1]).state = 'waiting'; happen('delivery.retried', me, 'delivery:' + s[1], null, null); return send({}); } return send(page(empty ? [] : deliveries.filter((d) => !q.get('state') || d.state === q.get('state')), q));
    case 'trail': return send(page(empty ? [] : trail.filter((e) => !q.get('kind') || e.kind === q.get('kind')), q));
    case 'events':
      w.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
      w.write(':\n\n');
      streams.add(w);
      { const t = setInterval(() => w.write(':\n\n'), 15_000); r.on('close', () => { clearInterval(t); streams.delete(w); }); }
      return;
  }
  throw new No(404, 'not_found', 'Nothing here.');
}
function review(x: Any, v: Any): void {
  x.state = v.approve ? 'accepted' : 'refused'; x.percent = v.percent; x.paid = v.approve ? Math.floor(x.reward * v.percent / 100) : 0; x.reason = v.reason; x.reviewer = me; x.reviewed_at = new Date().toISOString();
  happen(v.approve ? 'claim.approved' : 'claim.rejected', me, `submission:${x.id}`, null, { title: x.task.name });
  if (v.approve) move('reward', me, found(members, x.member.id), x.paid, '');
}

const middleware: Connect.NextHandleFunction = (r, w, next) => {
  if (r.url === '/config.json') { w.setHeader('Content-Type', 'application/json'); w.end('{"api_base_url":""}'); return; }
  if (r.url === '/standin/act') { move('daily', actor(members[2]), members[2], 120, ''); w.end('ok'); return; }
  if (!r.url?.startsWith('/api/')) return next();
  answer(r, w as ServerResponse).catch((err: Any) => {
    const no = err instanceof No ? err : new No(500, 'internal', 'Something went wrong: ' + err);
    w.writeHead(no.status, { 'Content-Type': 'application/problem+json' });
    w.end(JSON.stringify({ type: 'about:blank', title: '', status: no.status, code: no.code, detail: no.detail, request_id: 'req-' + nid(), ...no.more }));
  });
};
export const standin = (): Plugin => ({ name: 'standin', configureServer: (s) => void s.middlewares.use(middleware), configurePreviewServer: (s) => void s.middlewares.use(middleware) });
