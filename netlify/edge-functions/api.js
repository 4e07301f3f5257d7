// The same-origin proxy: what the dashboard asks under /api goes to the server
// at API_ORIGIN (https and host, set on Netlify for edge functions). With
// PROXY_SECRET, which the server has too, that is told each client's address and
// believes it. It has no business logic; netlify.toml declares its paths.

// Headers that concern one connection only (RFC 9110, section 7.6.1).
const HOP_BY_HOP = [
  "connection", "keep-alive", "proxy-authenticate", "proxy-authorization",
  "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
];

// What tells the server the client's address, and that it is the proxy who does
// (api/protect.go). Whatever a client sends by these names stays here.
const CLIENT = "x-coffer-client";
const PROOF = "x-coffer-proxy";

export default async function proxy(request, context) {
  const origin = originOf(Netlify.env.get("API_ORIGIN"));
  if (!origin) {
    return problem(500, "proxy_not_configured", "This site does not know its server. " +
      "Set the variable API_ORIGIN of the site to the server's address by https, such as https://coffer.up.railway.app, and deploy again.");
  }

  const secret = (Netlify.env.get("PROXY_SECRET") ?? "").trim();
  if (!/^[\x21-\x7e]*$/.test(secret)) {
    return problem(500, "proxy_not_configured", "The variable PROXY_SECRET of this site cannot be sent in a header. " +
      "Set it, at the server too, to letters, digits and signs without spaces, and deploy again.");
  }

  const { pathname, search } = new URL(request.url);
  const headers = withoutHops(request.headers);
  headers.delete("host");
  // Only what Netlify saw counts: a client can send any address.
  for (const name of ["x-forwarded-for", "x-real-ip", "forwarded", "x-forwarded-host", "x-forwarded-proto", CLIENT, PROOF]) headers.delete(name);
  if (context?.ip) {
    headers.set("x-forwarded-for", context.ip);
    if (secret) {
      headers.set(CLIENT, context.ip);
      headers.set(PROOF, secret);
    }
  }
  headers.set("x-forwarded-host", new URL(request.url).host);
  headers.set("x-forwarded-proto", "https");

  const init = { method: request.method, headers, redirect: "manual", signal: request.signal };
  if (request.body && request.method !== "GET" && request.method !== "HEAD") {
    init.body = request.body;
    init.duplex = "half"; // streamed, as Node asks for it to be said
  }
  let answer;
  try {
    answer = await fetch(origin + pathname + search, init);
  } catch {
    return problem(502, "server_unreachable", "The server did not answer. Try again in a moment.");
  }

  const out = withoutHops(answer.headers);
  // fetch has decoded the body, so these no longer describe it.
  if (out.has("content-encoding")) out.delete("content-length");
  out.delete("content-encoding");
  if (request.method !== "HEAD") out.delete("content-length");
  out.delete("set-cookie");
  for (const cookie of answer.headers.getSetCookie()) out.append("set-cookie", cookie);
  return new Response(answer.body, { status: answer.status, statusText: answer.statusText, headers: out });
}

// originOf returns scheme and host of a whole address, or "". Cookies and PROXY_SECRET
// go there, so by https only, unless it is this machine.
function originOf(text) {
  try {
    const url = new URL(text ?? "");
    const here = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
    return url.protocol === "https:" || url.protocol === "http:" && here ? url.origin : "";
  } catch {
    return "";
  }
}

// withoutHops copies headers, except those of the connection they came over,
// which includes all that Connection names.
function withoutHops(headers) {
  const out = new Headers(headers);
  const named = (headers.get("connection") ?? "").split(",").map((name) => name.trim().toLowerCase());
  for (const name of [...HOP_BY_HOP, ...named]) {
    if (/^[a-z0-9-]+$/.test(name)) out.delete(name);
  }
  return out;
}

function problem(status, code, detail) {
  const title = status === 502 ? "Bad Gateway" : "Internal Server Error";
  return new Response(JSON.stringify({ type: "about:blank", title, status, code, detail }), {
    status,
    headers: { "content-type": "application/problem+json", "cache-control": "no-store", "x-content-type-options": "nosniff" },
  });
}
