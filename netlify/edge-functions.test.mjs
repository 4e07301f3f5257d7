// Tests of the edge function, without packages: node --test netlify/edge-functions.test.mjs
// They stand outside of edge-functions/, because Netlify deploys what is there.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { after, before, beforeEach, test } from "node:test";
import { gzipSync } from "node:zlib";

// By its text, because Netlify's runtime takes a .js file for a module and
// older versions of Node do not.
const source = await readFile(new URL("edge-functions/api.js", import.meta.url));
const { default: proxy } = await import("data:text/javascript;base64," + source.toString("base64"));

let server, origin, seen, answer, environment;
globalThis.Netlify = { env: { get: (name) => environment[name] } };

before(async () => {
  server = createServer((req, res) => {
    const chunks = [];
    const note = () => { seen = { method: req.method, url: req.url, headers: req.headers, body: Buffer.concat(chunks).toString() }; };
    req.on("data", (chunk) => chunks.push(chunk));
    req.on("end", () => { note(); answer(req, res); });
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  origin = `http://127.0.0.1:${server.address().port}`;
});

after(() => { server.closeAllConnections(); server.close(); });

beforeEach(() => {
  environment = { API_ORIGIN: origin };
  seen = undefined;
  answer = (_, res) => res.end("ok");
});

const call = (path, init) => proxy(new Request("https://coffer.netlify.app" + path, init), { ip: "203.0.113.7" });

test("method, path, query and body arrive unchanged", async () => {
  const res = await call("/api/guilds/1/members?limit=5&q=a%20b", { method: "PUT", body: "{\"a\":1}", headers: { "content-type": "application/json" } });
  assert.equal(res.status, 200);
  assert.deepEqual([seen.method, seen.url, seen.body, seen.headers["content-type"]],
    ["PUT", "/api/guilds/1/members?limit=5&q=a%20b", "{\"a\":1}", "application/json"]);
  assert.equal(seen.headers.host, new URL(origin).host);
});

test("a client cannot choose its address", async () => {
  await call("/api/health", { headers: { "x-forwarded-for": "1.2.3.4", "x-real-ip": "1.2.3.4", forwarded: "for=1.2.3.4", "x-forwarded-host": "evil.example" } });
  assert.equal(seen.headers["x-forwarded-for"], "203.0.113.7");
  assert.equal(seen.headers["x-forwarded-host"], "coffer.netlify.app");
  assert.equal(seen.headers["x-real-ip"], undefined);
  assert.equal(seen.headers.forwarded, undefined);
});

const names = ["x-coffer-client", "x-coffer-proxy"];
const said = () => names.map((name) => seen.headers[name]);

test("the client's address goes along with the proof that it is the proxy who says it", async () => {
  environment.PROXY_SECRET = "open-sesame";
  for (const headers of [{}, { "x-coffer-client": "1.2.3.4", "x-coffer-proxy": "guessed" }, { connection: names.join(", "), "X-Coffer-Client": "1.2.3.4" }]) {
    await call("/api/health", { headers });
    assert.deepEqual(said(), ["203.0.113.7", "open-sesame"]);
  }
  await proxy(new Request("https://coffer.netlify.app/api/health"), { ip: "2001:db8::7" });
  assert.deepEqual(said(), ["2001:db8::7", "open-sesame"]);
});

test("without a secret, or an address, nothing is said and nothing of a client's own gets through", async () => {
  const headers = { "x-coffer-client": "1.2.3.4", "x-coffer-proxy": "guessed" };
  for (const secret of [undefined, ""]) {
    environment.PROXY_SECRET = secret;
    await call("/api/health", { headers });
    assert.deepEqual(said(), [undefined, undefined]);
  }
  environment.PROXY_SECRET = "open-sesame";
  await proxy(new Request("https://coffer.netlify.app/api/health", { headers }), {});
  assert.deepEqual(said(), [undefined, undefined]);
});

test("a secret that cannot be sent is explained, and not told", async () => {
  environment.PROXY_SECRET = "sésame öpen";
  const res = await call("/api/health");
  const body = await res.json();
  assert.deepEqual([res.status, body.code, seen], [500, "proxy_not_configured", undefined]);
  assert.match(body.detail, /PROXY_SECRET/);
  assert.ok(!body.detail.includes("sésame"));
});

test("the path cannot change the host", async () => {
  await call("//evil.example/api/health");
  assert.equal(seen.url, "//evil.example/api/health");
});

test("hop-by-hop headers stay on their hop", async () => {
  answer = (_, res) => res.writeHead(200, { connection: "close, X-Secret", "x-secret": "1", "x-kept": "1", "keep-alive": "timeout=9" }).end();
  const res = await call("/api/health", { headers: { te: "trailers", "proxy-authorization": "x", "x-kept": "1" } });
  assert.deepEqual([seen.headers.te, seen.headers["proxy-authorization"], seen.headers["x-kept"]], [undefined, undefined, "1"]);
  for (const name of ["connection", "x-secret", "keep-alive"]) assert.equal(res.headers.get(name), null, name);
  assert.equal(res.headers.get("x-kept"), "1");
});

test("an encoded body comes decoded and is not said to be encoded", async () => {
  const packed = gzipSync("hello ".repeat(100));
  answer = (_, res) => res.writeHead(200, { "content-encoding": "gzip", "content-length": packed.length }).end(packed);
  const res = await call("/api/health");
  assert.equal(await res.text(), "hello ".repeat(100));
  assert.deepEqual([res.headers.get("content-encoding"), res.headers.get("content-length")], [null, null]);
});

test("every cookie is kept", async () => {
  answer = (_, res) => res.writeHead(200, { "set-cookie": ["a=1; Path=/, x", "b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT"] }).end();
  const res = await call("/api/auth/login", { method: "POST" });
  assert.deepEqual(res.headers.getSetCookie(), ["a=1; Path=/, x", "b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT"]);
});

test("a redirect is handed on, not followed", async () => {
  answer = (_, res) => res.writeHead(302, { location: "https://discord.com/oauth2/authorize" }).end();
  const res = await call("/api/auth/discord");
  assert.deepEqual([res.status, res.headers.get("location")], [302, "https://discord.com/oauth2/authorize"]);
});

for (const status of [204, 304, 401, 503]) {
  test(`status ${status} is handed on`, async () => {
    answer = (_, res) => res.writeHead(status, { etag: '"1"' }).end();
    const res = await call("/api/health");
    assert.deepEqual([res.status, res.headers.get("etag")], [status, '"1"']);
  });
}

test("a stream arrives piece by piece", async () => {
  let finish;
  answer = (_, res) => { res.writeHead(200, { "content-type": "text/event-stream" }); res.write("data: 1\n\n"); finish = () => res.end("data: 2\n\n"); };
  const res = await call("/api/guilds/1/events");
  const reader = res.body.getReader();
  const text = async () => new TextDecoder().decode((await reader.read()).value);
  assert.equal(await text(), "data: 1\n\n"); // while the server still holds the rest
  finish();
  assert.equal(await text(), "data: 2\n\n");
});

for (const [name, value] of [["missing", undefined], ["empty", ""], ["no address", "coffer.example"], ["no web address", "ftp://x.example"],
  ["in the clear", "http://coffer.example"], ["in the clear to a name like this machine's", "http://localhost.example"]]) {
  test(`an API_ORIGIN that is ${name} is explained`, async () => {
    environment = { API_ORIGIN: value };
    const res = await call("/api/health");
    const body = await res.json();
    assert.deepEqual([res.status, res.headers.get("content-type"), body.code, body.status], [500, "application/problem+json", "proxy_not_configured", 500]);
    assert.match(body.detail, /API_ORIGIN/);
  });
}

test("a server that cannot be reached is a 502 that names no address", async () => {
  answer = (req) => req.socket.destroy();
  const res = await call("/api/health");
  const body = await res.json();
  assert.deepEqual([res.status, res.headers.get("content-type"), body.code], [502, "application/problem+json", "server_unreachable"]);
  assert.ok(!JSON.stringify(body).includes("127.0.0.1"));
});
