// How the bot shows a task and an item, as interactions/notices.go and
// interactions/command_item.go draw them: their golden files hold this to it.
import type { Item, ItemTerms, Task, TaskTerms } from './model';
import { number } from './money';
import type { Component, Embed, Message } from './types';

interface Currency {
  name: string;
  symbol: string;
}

const accent = 14919723;
const quote = (s: string): string => s.replace(/[\\*_~|`<>[\]()#:@+-]/g, '\\$&');
const money = (n: number, c: Currency): string => `${number(n)} ${c.symbol}`;
const coins = (n: number, c: Currency): string => `${money(n, c)} ${quote(c.name)}`;
const when = (iso: string): string => {
  const unix = Math.floor(Date.parse(iso) / 1000);
  return `<t:${unix}:f> (<t:${unix}:R>)`;
};
const hours = (n: number): string => (n % 24 === 0 ? (n === 24 ? '1 day' : `${number(n / 24)} days`) : n === 1 ? '1 hour' : `${number(n)} hours`);

function card(title: string, description: string, picture: string, fields: [string, string][]): Embed {
  const shown = fields.filter(([, value]) => value !== '').map(([name, value]) => ({ name, value, inline: true }));
  const text = description.trim();
  return {
    title: quote(title),
    ...(text ? { description: text } : {}),
    color: accent,
    ...(shown.length > 0 ? { fields: shown } : {}),
    ...(picture ? { image: { url: picture } } : {}),
  };
}

const proofs: Record<TaskTerms['proof'], string> = { none: 'nothing', text: 'a text', link: 'a link, with https://', image: 'a picture' };
const repeats: Record<TaskTerms['repeat'], string> = { once: '', daily: 'every day', weekly: 'every week' };

export interface Shown {
  embed: Embed;
  components: Component[];
}

/** The announcement of a task in its channel. */
export function taskShown(t: TaskTerms, state: Task['state'], left: number, c: Currency): Shown {
  const conditions = [t.required_role ? `only for <@&${t.required_role}>` : '', t.prerequisite ? 'another task first' : ''].filter(Boolean).join('\n');
  const embed = card(t.title, t.description, t.picture, [
    ['Reward', coins(t.reward, c)],
    ['Places', t.places === 0 ? '' : left < 1 ? 'none left' : `${number(left)} of ${number(t.places)} left`],
    ['To hand in', proofs[t.proof]],
    ['Again', repeats[t.repeat]],
    ['Deadline', t.deadline ? when(t.deadline) : ''],
    ['Time for it', t.claim_hours ? hours(t.claim_hours) : ''],
    ['What it takes', conditions],
  ]);
  if (state === 'closed' || state === 'archived') {
    delete embed.color; // it is for good news
    if (embed.description !== undefined) embed.description = faded(embed.description);
    embed.footer = { text: `This task is ${state}.` };
    return { embed, components: [] };
  }
  return { embed, components: [{ type: 1, components: [{ type: 2, style: 3, label: 'Claim', custom_id: 'claim', disabled: t.places > 0 && left < 1 }] }] };
}

function faded(s: string): string {
  return s
    .split('\n')
    .map((line) => {
      const rest = line.replace(/^[#\->* ]+/, '');
      return rest === '' ? rest : '-# ' + rest;
    })
    .join('\n');
}

/** An item in the shop, for somebody who has so much and may buy it. */
export function itemShown(t: ItemTerms, stock: Item['stock'], balance: number, c: Currency): Shown {
  const takes = [
    t.required_role ? `✅ <@&${t.required_role}>` : '',
    t.minimum_balance > 0 ? `✅ a balance of ${money(t.minimum_balance, c)}` : '',
    t.member_limit > 0 ? `✅ at most ${number(t.member_limit)} each; you have bought 0` : '',
  ].filter(Boolean);
  const embed = card(t.name, t.description, t.picture, [
    ['Price', coins(t.price, c)],
    ['Stock', !stock.limited ? '' : stock.left === 0 ? 'sold out' : `${number(stock.left)} left`],
    ['What it does', t.role ? (t.role_hours > 0 ? `<@&${t.role}> for ${hours(t.role_hours)}` : `<@&${t.role}> for ever`) : t.usable ? 'can be used' : ''],
    ['On sale until', t.until ? when(t.until) : ''],
    ['What it takes', takes.join('\n')],
  ]);
  embed.footer = { text: `You have ${number(balance)} ${c.name}` };
  return {
    embed,
    components: [
      {
        type: 1,
        components: [
          { type: 2, style: 3, label: 'Buy', custom_id: 'buy', disabled: stock.limited && stock.left === 0 },
          { type: 2, style: 2, label: '◀ Back', custom_id: 'back', disabled: false },
        ],
      },
    ],
  };
}

/** A message of the bot's that shows it. */
export function messageOf({ embed, components }: Shown): Message {
  return {
    id: '0', channel_id: '0', author: { id: '0', username: 'Coffer', bot: true }, content: '', embeds: [embed], components, attachments: [], flags: 0,
    ephemeral: false, thinking: false, pings: [], timestamp: new Date().toISOString(), edited_timestamp: null,
  };
}
