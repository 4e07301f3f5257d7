// What a client makes of the registered commands: the list that "/" opens, and
// the checks before anything is sent. All of it is pure.

import type { Channel, Choice, Definition, Localizations, Member, Option, Role, World } from './types';

export const kinds = {
  sub: 1,
  group: 2,
  string: 3,
  integer: 4,
  boolean: 5,
  user: 6,
  channel: 7,
  role: 8,
  mentionable: 9,
  number: 10,
  attachment: 11,
} as const;

/** One line of the list: a command, or a subcommand with its path. */
export interface Entry {
  /** The full name that the simulator knows it by. */
  command: string;
  /** The full name as the reader sees it. */
  shown: string;
  description: string;
  options: Option[];
}

/** A text in the reader's language, or as it was defined. */
export function local(text: string, translations: Localizations | undefined, locale: string): string {
  return translations?.[locale] ?? text;
}

const everything = 1n << 3n; // ADMINISTRATOR

/** Whether a client offers a command to somebody with these permissions. */
export function offered(d: Definition, permissions: string): boolean {
  const has = BigInt(permissions);
  if (d.default_member_permissions === null || (has & everything) !== 0n) return true;
  const needs = BigInt(d.default_member_permissions);
  return needs !== 0n && (has & needs) === needs;
}

/** Lists what a person may say, by name: by his permissions, or as his roles are allowed it. A guild's command hides a global one. */
export function entries(commands: Definition[], permissions: string, locale: string, allowed: string[] = []): Entry[] {
  const own = new Set(commands.filter((d) => d.guild_id).map((d) => d.name));
  const out: Entry[] = [];
  const add = (command: string, shown: string, description: string, options: Option[]): void => {
    const nested = options.filter((o) => o.type === kinds.sub || o.type === kinds.group);
    if (nested.length === 0) {
      out.push({ command, shown, description, options });
      return;
    }
    for (const o of nested) {
      add(
        `${command} ${o.name}`,
        `${shown} ${local(o.name, o.name_localizations, locale)}`,
        local(o.description, o.description_localizations, locale),
        o.options ?? [],
      );
    }
  };
  for (const d of commands) {
    if (d.type !== 1 || (!d.guild_id && own.has(d.name)) || !(offered(d, permissions) || allowed.includes(d.name))) continue;
    add(d.name, local(d.name, d.name_localizations, locale), local(d.description, d.description_localizations, locale), d.options ?? []);
  }
  return out.sort((a, b) => a.shown.localeCompare(b.shown, locale));
}

/** Filters the list by what was typed after the slash; names come first. */
export function search(list: Entry[], typed: string): Entry[] {
  const q = typed.trim().toLowerCase().replace(/\s+/g, ' ');
  if (q === '') return list;
  const rank = (e: Entry): number => {
    const names = [e.shown.toLowerCase(), e.command];
    if (names.some((n) => n.startsWith(q))) return 0;
    if (names.some((n) => n.split(' ').some((w) => w.startsWith(q)))) return 1;
    if (names.some((n) => n.includes(q))) return 2;
    return e.description.toLowerCase().includes(q) ? 3 : 4;
  };
  return list
    .map((e) => ({ e, r: rank(e) }))
    .filter((x) => x.r < 4)
    .sort((a, b) => a.r - b.r)
    .map((x) => x.e);
}

/** Required options come first, as Discord demands of a definition. */
export function required(e: Entry): Option[] {
  return e.options.filter((o) => o.required);
}

/** A thing to choose for an option. */
export interface Suggestion {
  label: string;
  value: string;
  detail?: string;
  member?: Member;
  color?: number;
}

const fits = (q: string, ...texts: (string | undefined)[]): boolean => texts.some((t) => t?.toLowerCase().includes(q));

/** What a client suggests by itself for an option, filtered by what was typed. */
export function suggest(o: Option, typed: string, world: World, locale: string): Suggestion[] {
  const q = typed.trim().replace(/^[@#]/, '').toLowerCase();
  if (o.choices && o.choices.length > 0) return choices(o.choices, q, locale);
  switch (o.type) {
    case kinds.boolean:
      return [
        { label: 'True', value: 'true' },
        { label: 'False', value: 'false' },
      ].filter((s) => fits(q, s.label));
    case kinds.user:
      return people(world, q);
    case kinds.role:
      return roles(world.roles, q);
    case kinds.mentionable:
      return [...people(world, q), ...roles(world.roles, q)];
    case kinds.channel:
      return channels(world.channels, o, q);
    default:
      return [];
  }
}

function choices(list: Choice[], q: string, locale: string): Suggestion[] {
  return list
    .map((c) => ({ label: local(c.name, c.name_localizations, locale), value: String(c.value) }))
    .filter((s) => fits(q, s.label, s.value));
}

export function people(world: World, q: string): Suggestion[] {
  return world.members
    .filter((m) => fits(q, m.display_name, m.user.username, m.user.global_name, m.user.id))
    .map((m) => ({ label: m.display_name, value: m.user.id, detail: m.user.username, member: m }));
}

export function roles(list: Role[], q: string): Suggestion[] {
  return list
    .filter((r) => fits(q, r.name, r.id))
    .map((r) => ({ label: r.name.startsWith('@') ? r.name : `@${r.name}`, value: r.id, color: r.color }));
}

export function channels(list: Channel[], o: { channel_types?: number[] }, q: string): Suggestion[] {
  return list
    .filter((c) => c.guild_id && (!o.channel_types?.length || o.channel_types.includes(c.type)) && fits(q, c.name, c.id))
    .map((c) => ({ label: `#${c.name}`, value: c.id, ...(c.topic ? { detail: c.topic } : {}) }));
}

/** Options whose value must be one of those suggested. */
export function picks(o: Option): boolean {
  const list: number[] = [kinds.boolean, kinds.user, kinds.channel, kinds.role, kinds.mentionable];
  return list.includes(o.type) || (o.choices?.length ?? 0) > 0;
}

const safe = Number.MAX_SAFE_INTEGER;

/** What Discord's client says of a value that it does not send; '' if it does. */
export function complaint(o: Option, text: string, picked: boolean): string {
  if (text === '') return o.required ? 'This option is required. Specify a value.' : 'Specify a value, or take the option away.';
  if (picked) return '';
  switch (true) {
    case (o.choices?.length ?? 0) > 0:
      return 'Choose one of the options of the list.';
    case o.type === kinds.user:
      return 'Choose a member of the list.';
    case o.type === kinds.channel:
      return 'Choose a channel of the list.';
    case o.type === kinds.role:
      return 'Choose a role of the list.';
    case o.type === kinds.mentionable:
      return 'Choose a member or a role of the list.';
    case o.type === kinds.boolean:
      return 'Choose True or False.';
    case o.type === kinds.attachment:
      return 'Choose a file.';
    case o.type === kinds.integer && (!/^[+-]?\d+$/.test(text.trim()) || Math.abs(Number(text)) > safe):
      return 'Input a valid integer.';
    case o.type === kinds.number && (text.trim() === '' || !Number.isFinite(Number(text)) || Math.abs(Number(text)) > safe):
      return 'Input a valid number.';
  }
  if (o.type === kinds.integer || o.type === kinds.number) {
    const x = Number(text);
    if (o.min_value !== undefined && x < o.min_value) return `Must be at least ${o.min_value}.`;
    if (o.max_value !== undefined && x > o.max_value) return `Must be at most ${o.max_value}.`;
  }
  if (o.type === kinds.string) {
    const n = [...text].length;
    const low = o.min_length ?? 0;
    const high = o.max_length ?? 6000;
    if (n < low || n > high) return `Must be between ${low} and ${high} in length.`;
  }
  return '';
}

/** The value as the simulator takes it: numbers without signs and spaces. */
export function normal(o: Option, text: string): string {
  if (o.type === kinds.integer || o.type === kinds.number) return String(Number(text.trim()));
  return text;
}
