// Small decisions on how things look.

const avatars = ['#5865f2', '#3a8f5c', '#c4702b', '#c43c6d', '#8b4fc4', '#2b8fa8', '#b23b3b', '#6b7a2f'];

/** A steady colour for somebody without a picture. */
export function avatarColor(id: string): string {
  let sum = 0;
  for (const ch of id) sum = (sum * 31 + ch.charCodeAt(0)) >>> 0;
  return avatars[sum % avatars.length] ?? '#5865f2';
}

let graphemes: Intl.Segmenter | undefined; // made when it is first needed

/** The first letter that stands for a name: whole graphemes, no marks. */
export function initial(name: string): string {
  if (/^[a-z0-9][\x20-\x7e]/i.test(name)) return name.charAt(0).toUpperCase(); // most names
  for (const { segment } of (graphemes ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' })).segment(name)) {
    if (/[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(segment)) return segment.toUpperCase();
  }
  return '?';
}

/** A colour of Discord's, as CSS. */
export const hex = (color: number): string => '#' + color.toString(16).padStart(6, '0');

export function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(1)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

/** An address that may stand in a link: nothing but http(s). */
export function safeLink(url: string): string | null {
  try {
    const u = new URL(url);
    return u.protocol === 'https:' || u.protocol === 'http:' ? u.href : null;
  } catch {
    return null;
  }
}

/** The hosts of files that the simulator stands in for: nothing is loaded from them. */
const fileHosts = new Set(['cdn.discordapp.com', 'media.discordapp.net']);

/** Where the simulator has a file of those hosts, on the demo itself. null: nowhere. */
function stored(u: URL): string | null {
  const found = /^\/(?:ephemeral-)?attachments\/[^/]+\/(\d+)\/([^/]+)$/.exec(u.pathname);
  return found ? `/simulator/files/${found[1]}/${found[2]}` : null;
}

/**
 * Where a file can be loaded from: the web, or the demo itself, which has those of
 * Discord's hosts. null: nowhere, so a frame with its name is drawn.
 */
export function picture(url: string, origin: string): string | null {
  const safe = safeLink(url);
  if (!safe) return null;
  const u = new URL(safe);
  if (fileHosts.has(u.hostname)) return stored(u);
  return u.protocol === 'https:' || u.origin === origin ? safe : null;
}

export interface Token {
  kind: 'key' | 'text' | 'number' | 'word' | 'mark';
  s: string;
}

/** Cuts pretty JSON into coloured pieces. */
export function jsonTokens(value: unknown): Token[] {
  const text = JSON.stringify(value, null, 2) ?? '';
  const out: Token[] = [];
  for (const m of text.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d[\d.eE+-]*)|(true|false|null)|([^"\d-tfn]+|[\s\S])/g)) {
    const [whole, string, colon, number, word] = m;
    if (string !== undefined) {
      out.push({ kind: colon === undefined ? 'text' : 'key', s: string });
      if (colon !== undefined) out.push({ kind: 'mark', s: colon });
    } else out.push({ kind: number !== undefined ? 'number' : word !== undefined ? 'word' : 'mark', s: whole });
  }
  return out;
}
