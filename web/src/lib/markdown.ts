// Discord's markdown, as far as bots use it: a pure parser from text to a tree.
// It takes time linear in the text, whatever the text is: every character is
// looked at a bounded number of times, and searches that failed once are not
// tried again.

export type Node =
  | { t: 'text'; s: string }
  | { t: Span; c: Node[] }
  | { t: 'code'; s: string }
  | { t: 'block'; s: string; lang: string }
  | { t: 'link'; href: string; c: Node[] }
  | { t: 'user' | 'role' | 'channel'; id: string }
  | { t: 'everyone'; s: string }
  | { t: 'command'; name: string }
  | { t: 'time'; at: number; style: string }
  | { t: 'emoji'; name: string; id: string; animated: boolean }
  | { t: 'quote'; c: Node[] }
  | { t: 'heading'; level: number; c: Node[] }
  | { t: 'subtext'; c: Node[] }
  | { t: 'list'; start: number | null; items: Item[] };

export interface Item {
  depth: number;
  c: Node[];
}

type Span = 'bold' | 'italic' | 'underline' | 'strike' | 'spoiler';

const spans: Record<string, Span> = { '**': 'bold', '*': 'italic', _: 'italic', __: 'underline', '~~': 'strike', '||': 'spoiler' };

/** Parses a text with blocks: quotes, headings, lists, code blocks. */
export function parse(text: string): Node[] {
  const out: Node[] = [];
  for (let at = 0; ; ) {
    const open = text.indexOf('```', at);
    const close = open < 0 ? -1 : text.indexOf('```', open + 3);
    if (close < 0 || text.slice(open + 3, close).trim() === '') {
      // No block, or an empty one: then the backticks stand for themselves.
      if (close < 0) return [...out, ...lines(text.slice(at))];
      out.push(...lines(text.slice(at, close + 3)));
      at = close + 3;
      continue;
    }
    if (open > at) out.push(...lines(text.slice(at, open).replace(/\n$/, '')));
    out.push(codeBlock(text.slice(open + 3, close)));
    at = close + 3;
    if (text[at] === '\n') at++;
    if (at >= text.length) return out;
  }
}

function codeBlock(inner: string): Node {
  const head = /^([\w+#.-]{1,32})\n/.exec(inner);
  const lang = head?.[1] ?? '';
  const s = inner.slice(head ? head[0].length : 0).replace(/^\n/, '').replace(/\n$/, '');
  return { t: 'block', s, lang };
}

/** Lines between code blocks. Quotes do not nest. */
function lines(text: string, quoted = false): Node[] {
  const out: Node[] = [];
  const list = text.split('\n');
  let plain: string[] = [];
  const flush = (): void => {
    if (plain.length > 0) out.push(...inline(plain.join('\n')));
    plain = [];
  };
  for (let i = 0; i < list.length; i++) {
    const line = list[i] ?? '';
    if (!quoted && line.startsWith('>>> ')) {
      flush();
      out.push({ t: 'quote', c: lines([line.slice(4), ...list.slice(i + 1)].join('\n'), true) });
      return out;
    }
    if (!quoted && line.startsWith('> ')) {
      flush();
      const rows: string[] = [];
      for (; (list[i] ?? '').startsWith('> '); i++) rows.push((list[i] ?? '').slice(2));
      i--;
      out.push({ t: 'quote', c: lines(rows.join('\n'), true) });
      continue;
    }
    const heading = /^(#{1,3}) +(\S.*)$/.exec(line);
    if (heading) {
      flush();
      out.push({ t: 'heading', level: heading[1]?.length ?? 1, c: inline(heading[2] ?? '') });
      continue;
    }
    if (line.startsWith('-# ') && line.length > 3) {
      flush();
      out.push({ t: 'subtext', c: inline(line.slice(3)) });
      continue;
    }
    if (item.test(line)) {
      flush();
      const rows: string[] = [];
      for (; item.test(list[i] ?? ''); i++) rows.push(list[i] ?? '');
      i--;
      out.push(bullets(rows));
      continue;
    }
    plain.push(line);
  }
  flush();
  return out;
}

const item = /^ {0,20}(?:[-*]|\d{1,9}\.) +\S/;

function bullets(rows: string[]): Node {
  const items: Item[] = [];
  let start: number | null = null;
  for (const [i, row] of rows.entries()) {
    const m = /^( *)(?:[-*]|(\d{1,9})\.) +/.exec(row);
    if (i === 0 && m?.[2] !== undefined) start = Number(m[2]);
    items.push({ depth: Math.min(Math.ceil((m?.[1]?.length ?? 0) / 2), 5), c: inline(row.slice(m?.[0].length ?? 0)) });
  }
  return { t: 'list', start, items };
}

interface Frame {
  mark: string; // a delimiter, or "[" of a link
  c: Node[];
}

const tag = /<(?:(@[!&]?|#)(\d{1,20})|t:(-?\d{1,16})(?::([tTdDfFRsS]))?|(a?):(\w{2,32}):(\d{1,20})|\/([-_ \p{L}\p{N}]{1,100}):(\d{1,20})|(https?:\/\/[^\s<>]+))>/uy;
const address = /https?:\/\/[^\s<]+/y;
const target = /\]\(<?(https?:\/\/[^\s<>()]+)>?(?: "[^"\n()[\]]*")?\)/y;
const word = /[\p{L}\p{N}_]/u;
const special = /[\\`*_~|<@[\]h]/g;

/** Parses what stands inside a line: text, spans, links, mentions, times. */
export function inline(text: string): Node[] {
  const stack: Frame[] = [{ mark: '', c: [] }];
  const open: Record<string, number> = {};
  const noCode = new Set<number>(); // lengths of backtick runs that do not close any more
  const top = (): Frame => stack[stack.length - 1] as Frame;
  const say = (s: string): void => {
    const c = top().c;
    const last = c[c.length - 1];
    if (last?.t === 'text') last.s += s;
    else if (s !== '') c.push({ t: 'text', s });
  };
  /** Ends the topmost frame as what it was typed as. */
  const abandon = (): void => {
    const f = stack.pop() as Frame;
    open[f.mark] = 0;
    say(f.mark);
    for (const n of f.c) {
      if (n.t === 'text') say(n.s);
      else top().c.push(n);
    }
  };
  const begin = (mark: string): void => {
    stack.push({ mark, c: [] });
    open[mark] = 1;
  };
  const end = (mark: string): Node[] => {
    while (top().mark !== mark) abandon();
    open[mark] = 0;
    return (stack.pop() as Frame).c;
  };
  const match = (re: RegExp, at: number): RegExpExecArray | null => {
    re.lastIndex = at;
    return re.exec(text);
  };

  let i = 0;
  while (i < text.length) {
    special.lastIndex = i;
    const next = special.exec(text)?.index ?? text.length;
    if (next > i) say(text.slice(i, next));
    i = next;
    const ch = text[i];
    if (ch === undefined) break;
    let took = 0;
    switch (ch) {
      case '\\': {
        const after = text[i + 1];
        if (after !== undefined && /[^\sA-Za-z0-9]/.test(after)) {
          const whole = String.fromCodePoint(text.codePointAt(i + 1) ?? 0);
          say(whole);
          took = 1 + whole.length;
        }
        break;
      }
      case '`':
        took = code();
        break;
      case '<': {
        const m = match(tag, i);
        if (m) {
          top().c.push(tagged(m));
          took = m[0].length;
        }
        break;
      }
      case '@': {
        const m = /^@(?:everyone|here)(?![\p{L}\p{N}_])/u.exec(text.slice(i, i + 10));
        if (m) {
          top().c.push({ t: 'everyone', s: m[0] });
          took = m[0].length;
        }
        break;
      }
      case 'h': {
        const m = i > 0 && word.test(text[i - 1] ?? '') ? null : match(address, i);
        if (m && !open['[']) {
          let url = m[0].replace(/[.,:;"'\]*_~|]+$/, '');
          if (url.endsWith(')') && !url.includes('(')) url = url.slice(0, -1);
          if (url.length > 8) {
            top().c.push({ t: 'link', href: url, c: [{ t: 'text', s: url }] });
            took = url.length;
          }
        }
        break;
      }
      case '[':
        if (!open['[']) {
          begin('[');
          took = 1;
        }
        break;
      case ']': {
        const m = open['['] ? match(target, i) : null;
        if (m) {
          const c = end('[');
          top().c.push({ t: 'link', href: m[1] ?? '', c });
          took = m[0].length;
        } else if (open['[']) {
          const rest = end('[');
          say('[');
          for (const n of rest) {
            if (n.t === 'text') say(n.s);
            else top().c.push(n);
          }
        }
        break;
      }
      default:
        took = delimiter(ch);
    }
    if (took === 0) {
      say(ch);
      took = 1;
    }
    i += took;
  }
  while (stack.length > 1) abandon();
  return top().c;

  /** A delimiter at i opens a span, or ends it. Returns the letters taken. */
  function delimiter(ch: string): number {
    const double = ch + ch;
    const run = text[i + 1] === ch ? (text[i + 2] === ch ? 3 : 2) : 1;
    const marks = ch === '~' || ch === '|' ? [double] : run === 3 && top().mark === ch ? [ch, double] : [double, ch];
    for (const mark of marks) {
      if (mark.length > run) continue;
      const after = text[i + mark.length];
      if (open[mark]) {
        if (mark === '_' && after !== undefined && word.test(after)) continue; // snake_case
        if (mark === '*' && /\s/.test(text[i - 1] ?? '')) continue;
        if (text[i - 1] === ch && top().mark === mark && top().c.length === 0) continue; // nothing in it
        const c = end(mark);
        top().c.push({ t: spans[mark] as Span, c });
        return mark.length;
      }
      if (after === undefined) continue;
      if (mark === '*' && /\s/.test(after)) continue;
      if (mark === '_' && i > 0 && word.test(text[i - 1] ?? '')) continue;
      begin(mark);
      return mark.length;
    }
    return 0;
  }

  /** Code begins with a run of backticks and ends with one as long. */
  function code(): number {
    let n = 1;
    while (text[i + n] === '`') n++;
    if (!noCode.has(n)) {
      for (let at = i + n; ; ) {
        const close = text.indexOf('`', at);
        if (close < 0) break;
        let m = 1;
        while (text[close + m] === '`') m++;
        if (m === n) {
          const s = text.slice(i + n, close);
          top().c.push({ t: 'code', s: /^ .*\S.* $/.test(s) ? s.slice(1, -1) : s.trim() === '' ? s : s.trim() });
          return close + n - i;
        }
        at = close + m;
      }
      noCode.add(n);
    }
    say('`'.repeat(n));
    return n;
  }
}

function tagged(m: RegExpExecArray): Node {
  const [, sign, id, at, style, animated, emoji, emojiID, command, , url] = m;
  if (sign !== undefined) return { t: sign === '#' ? 'channel' : sign === '@&' ? 'role' : 'user', id: id ?? '' };
  if (at !== undefined) return { t: 'time', at: Number(at), style: style ?? 'f' };
  if (emoji !== undefined) return { t: 'emoji', name: emoji, id: emojiID ?? '', animated: animated === 'a' };
  if (command !== undefined) return { t: 'command', name: command };
  return { t: 'link', href: url ?? '', c: [{ t: 'text', s: url ?? '' }] };
}

/** The text of a tree, without its marks: for labels and previews. */
export function plain(nodes: Node[]): string {
  return nodes
    .map((n) => {
      if ('items' in n) return n.items.map((x) => plain(x.c)).join(', ');
      if ('c' in n) return plain(n.c);
      if ('s' in n) return n.s;
      return '';
    })
    .join('');
}
