import { describe, expect, it } from 'vitest';
import { inline, parse, plain, type Node } from './markdown';

/** A tree in short: bold(x) and so on. */
function short(nodes: Node[]): string {
  return nodes
    .map((n) => {
      switch (n.t) {
        case 'text':
          return n.s;
        case 'list':
          return `list${n.start ?? ''}(${n.items.map((x) => '·'.repeat(x.depth) + short(x.c)).join(';')})`;
        case 'link':
          return `link<${n.href}>(${short(n.c)})`;
        case 'heading':
          return `h${n.level}(${short(n.c)})`;
        case 'block':
          return `block:${n.lang}(${n.s})`;
        case 'code':
        case 'everyone':
          return `${n.t}(${n.s})`;
        case 'time':
          return `time(${n.at},${n.style})`;
        case 'emoji':
          return `emoji(${n.name},${n.id},${n.animated})`;
        case 'command':
          return `command(${n.name})`;
        case 'user':
        case 'role':
        case 'channel':
          return `${n.t}(${n.id})`;
        default:
          return `${n.t}(${short(n.c)})`;
      }
    })
    .join('');
}

describe('inline', () => {
  it.each([
    ['plain', 'plain'],
    ['**b** *i* _i_ __u__ ~~s~~ ||x||', 'bold(b) italic(i) italic(i) underline(u) strike(s) spoiler(x)'],
    ['***bi***', 'bold(italic(bi))'],
    ['**a *b* c**', 'bold(a italic(b) c)'],
    ['*a **b** c*', 'italic(a bold(b) c)'],
    ['__**u**__', 'underline(bold(u))'],
    ['snake_case_name and 2 * 3 * 4', 'snake_case_name and 2 * 3 * 4'],
    ['_a snake_case b_', 'italic(a snake_case b)'],
    ['**open', '**open'],
    ['**a *b** c', 'bold(a *b) c'],
    ['\\*not\\* \\\\ \\a', '*not* \\ \\a'],
    ['`a **b** c`', 'code(a **b** c)'],
    ['``a ` b``', 'code(a ` b)'],
    ['`open', '`open'],
    ['<@1> <@!2> <@&3> <#4>', 'user(1) user(2) role(3) channel(4)'],
    ['<t:1700000000:R> <t:5>', 'time(1700000000,R) time(5,f)'],
    ['<:coin:123> <a:spin:456>', 'emoji(coin,123,false) emoji(spin,456,true)'],
    ['</admin coins give:42>', 'command(admin coins give)'],
    ['@everyone @here @everyoneelse', 'everyone(@everyone) everyone(@here) @everyoneelse'],
    ['[a **b**](https://x.example/y)', 'link<https://x.example/y>(a bold(b))'],
    ['[a](javascript:alert(1))', '[a](javascript:alert(1))'],
    ['[a] (b) ]', '[a] (b) ]'],
    ['see https://x.example/a_b_c.', 'see link<https://x.example/a_b_c>(https://x.example/a_b_c).'],
    ['(https://x.example)', '(link<https://x.example>(https://x.example))'],
    ['<https://x.example>', 'link<https://x.example>(https://x.example)'],
    ['<script>alert(1)</script>', '<script>alert(1)</script>'],
    ['<@x> < <t:>', '<@x> < <t:>'],
    ['jun_ \\*bold\\* \\`code\\`', 'jun_ *bold* `code`'],
    ['||**a** b||', 'spoiler(bold(a) b)'],
    ['👨‍👩‍👧‍👦 *kai*', '👨‍👩‍👧‍👦 italic(kai)'],
    ['****', '****'],
  ])('%s', (text, want) => expect(short(inline(text))).toBe(want));
});

describe('blocks', () => {
  it.each([
    ['# One\n## Two\n### Three\n#### no', 'h1(One)h2(Two)h3(Three)#### no'],
    ['-# small **b**', 'subtext(small bold(b))'],
    ['> a\n> b\nc', 'quote(a\nb)c'],
    ['a\n>>> b\nc\nd', 'aquote(b\nc\nd)'],
    ['- a\n  - b\n- c', 'list(a;·b;c)'],
    ['3. a\n4. b', 'list3(a;b)'],
    ['```go\nx := 1\n```', 'block:go(x := 1)'],
    ['```one line```', 'block:(one line)'],
    ['a\n```\nb\n```\nc', 'ablock:(b)c'],
    ['``` open', '``` open'],
    ['a\n\nb', 'a\n\nb'],
    ['-not a list\n#not a heading\n>not a quote', '-not a list\n#not a heading\n>not a quote'],
  ])('%s', (text, want) => expect(short(parse(text))).toBe(want));

  it('gives plain text', () => expect(plain(parse('# **a** b\n- `c`'))).toBe('a bc'));
});

describe('hostile texts', () => {
  it.each(['*', '**a ', '_', '`', '``` ', '[', '](', '[a](http://', '<', '<@', '~~', '||', '\\', '> ', '>>> ', '- ', '`a``b', 'http://', '*_', '<http://a'])(
    'are read in linear time: %s',
    (piece) => {
      const time = (n: number): number => {
        const text = piece.repeat(n);
        const start = performance.now();
        parse(text);
        return performance.now() - start;
      };
      time(2000);
      expect(time(20_000)).toBeLessThan(1000);
    },
  );

  it('loses no letters', () => {
    // Nothing in here means anything, so all of it is shown.
    const text = '* _ ** [ ] ( < > ~ | ` x';
    expect(short(parse(text))).toBe('list(_ ** [ ] ( < > ~ | ` x)');
  });
});
