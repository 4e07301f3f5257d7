// What tasks and items can be, so that a form says at once what is wrong. The server
// decides; its rules are internal/tasks' and internal/shop's Validate.
import type { Item, ItemTerms, Settings, TaskTerms } from './model';
import { maxBalance, maxMovement, number, parseAmount } from './money';
import { fromLocal, toLocal } from './when.svelte';

export type Errors = Record<string, string>;

/** Characters, as Go counts them. */
const length = (s: string): number => [...s].length;
const line = (s: string): boolean => !/[\p{Cc}]/u.test(s);

function whole(text: string, low: number, high: number): number | null {
  const n = text.trim() === '' ? 0 : parseAmount(text);
  return n !== null && n >= low && n <= high ? n : null;
}

function picture(text: string): boolean {
  if (text === '') return true;
  try {
    const u = new URL(text);
    return u.protocol === 'https:' && u.hostname !== '' && u.username === '' && text.length <= 512 && line(text);
  } catch {
    return false;
  }
}

/** A task as a form has it: all of it text. */
export interface TaskForm {
  title: string;
  description: string;
  picture: string;
  reward: string;
  proof: TaskTerms['proof'];
  review: TaskTerms['review'];
  answer: string;
  places: string;
  repeat: TaskTerms['repeat'];
  deadline: string;
  claim_hours: string;
  tries: string;
  required_role: string;
  prerequisite: string;
}

export const newTask = (): TaskForm => ({ title: '', description: '', picture: '', reward: '', proof: 'text', review: 'person', answer: '', places: '', repeat: 'once', deadline: '', claim_hours: '', tries: '3', required_role: '', prerequisite: '' });

export function taskForm(t: TaskTerms): TaskForm {
  const n = (v: number): string => (v === 0 ? '' : number(v));
  return {
    title: t.title, description: t.description, picture: t.picture, reward: number(t.reward), proof: t.proof, review: t.review, answer: t.answer ?? '',
    places: n(t.places), repeat: t.repeat, deadline: toLocal(t.deadline), claim_hours: n(t.claim_hours), tries: String(t.tries), required_role: t.required_role ?? '', prerequisite: t.prerequisite ?? '',
  };
}

/** The terms that a form asks for, and what is wrong with it by field. */
export function taskTerms(f: TaskForm): { terms: TaskTerms; errors: Errors } {
  const errors: Errors = {};
  const title = f.title.trim();
  if (length(title) < 1 || length(title) > 80 || !line(title)) errors['title'] = 'A title has 1 to 80 characters, all on one line.';
  if (length(f.description) > 1000) errors['description'] = 'A description has at most 1,000 characters.';
  if (!picture(f.picture.trim())) errors['picture'] = 'A picture is an address that begins with https:// and has at most 512 characters.';
  const reward = parseAmount(f.reward);
  if (reward === null || reward < 1 || reward > maxMovement) errors['reward'] = `A reward goes from 1 to ${number(maxMovement)}.`;
  if (f.review === 'answer' && f.proof !== 'text') errors['review'] = 'An answer can decide only where a text is handed in.';
  const answer = f.review === 'answer' ? f.answer.trim() : '';
  if (f.review === 'answer' && (length(answer) < 1 || length(answer) > 200)) errors['answer'] = 'An answer has 1 to 200 characters on one line.';
  const places = whole(f.places, 0, 100_000);
  if (places === null) errors['places'] = 'Places go from 1 to 100,000. Leave it empty for no end of them.';
  const hours = whole(f.claim_hours, 0, 8760);
  if (hours === null) errors['claim_hours'] = 'Hours go from 1 to 8,760. Leave it empty for no limit.';
  const tries = whole(f.tries, 1, 20);
  if (tries === null) errors['tries'] = 'Tries go from 1 to 20.';
  return {
    errors,
    terms: {
      title, description: f.description, picture: f.picture.trim(), reward: reward ?? 0, proof: f.proof, review: f.review, answer, places: places ?? 0,
      repeat: f.repeat, deadline: fromLocal(f.deadline), claim_hours: hours ?? 0, tries: tries ?? 1, required_role: f.required_role || null, prerequisite: f.prerequisite || null,
    },
  };
}

export interface ItemForm {
  name: string;
  description: string;
  category: string;
  picture: string;
  price: string;
  member_limit: string;
  required_role: string;
  minimum_balance: string;
  from: string;
  until: string;
  does: 'nothing' | 'role' | 'use';
  role: string;
  role_hours: string;
  use_message: string;
  limited: boolean;
  left: string;
}

export const newItem = (): ItemForm => ({ name: '', description: '', category: '', picture: '', price: '', member_limit: '', required_role: '', minimum_balance: '', from: '', until: '', does: 'nothing', role: '', role_hours: '', use_message: '', limited: false, left: '' });

export function itemForm(t: ItemTerms & { stock: Item['stock'] }): ItemForm {
  const n = (v: number): string => (v === 0 ? '' : number(v));
  return {
    name: t.name, description: t.description, category: t.category, picture: t.picture, price: number(t.price), member_limit: n(t.member_limit), required_role: t.required_role ?? '',
    minimum_balance: n(t.minimum_balance), from: toLocal(t.from), until: toLocal(t.until), does: t.role ? 'role' : t.usable ? 'use' : 'nothing', role: t.role ?? '', role_hours: n(t.role_hours),
    use_message: t.use_message, limited: t.stock.limited, left: t.stock.limited ? number(t.stock.left) : '',
  };
}

export function itemTerms(f: ItemForm): { terms: ItemTerms; stock: Item['stock']; errors: Errors } {
  const errors: Errors = {};
  const name = f.name.trim();
  if (length(name) < 1 || length(name) > 80 || !line(name)) errors['name'] = 'A name has 1 to 80 characters, all on one line.';
  if (length(f.description) > 1000) errors['description'] = 'A description has at most 1,000 characters.';
  if (length(f.category.trim()) > 40) errors['category'] = 'A category has at most 40 characters.';
  if (!picture(f.picture.trim())) errors['picture'] = 'A picture is an address that begins with https:// and has at most 512 characters.';
  const price = parseAmount(f.price);
  if (price === null || price < 1 || price > maxMovement) errors['price'] = `A price goes from 1 to ${number(maxMovement)}.`;
  const limit = whole(f.member_limit, 0, 1e9);
  if (limit === null) errors['member_limit'] = 'The limit goes from 1 to 1,000,000,000. Leave it empty for none.';
  const minimum = whole(f.minimum_balance, 0, maxBalance);
  if (minimum === null) errors['minimum_balance'] = `The balance goes from 0 to ${number(maxBalance)}.`;
  const [from, until] = [fromLocal(f.from), fromLocal(f.until)];
  if (until !== null && until <= (from ?? '1970')) errors['until'] = 'The end of the sale must be after its beginning.';
  const hours = f.does === 'role' ? whole(f.role_hours, 0, 8760) : 0;
  if (hours === null) errors['role_hours'] = 'Hours go from 1 to 8,760. Leave it empty for ever.';
  if (f.does === 'role' && f.role === '') errors['role'] = 'Choose the role that the buyer gets.';
  if (f.does === 'use' && length(f.use_message) > 1000) errors['use_message'] = 'A message has at most 1,000 characters.';
  const left = f.limited ? (f.left.trim() === '' ? null : whole(f.left, 0, 1e9)) : 0;
  if (left === null) errors['stock'] = 'Stock is a whole number from 0 to 1,000,000,000.';
  return {
    errors,
    stock: { limited: f.limited, left: left ?? 0 },
    terms: {
      name, description: f.description, category: f.category.trim(), picture: f.picture.trim(), price: price ?? 0, member_limit: limit ?? 0, required_role: f.required_role || null, minimum_balance: minimum ?? 0,
      from, until, role: f.does === 'role' ? f.role || null : null, role_hours: hours ?? 0, usable: f.does === 'use', use_message: f.does === 'use' ? f.use_message : '',
    },
  };
}

export type SettingsForm = Record<keyof Settings, string>;

export function settingsForm(s: Settings): SettingsForm {
  return Object.fromEntries(Object.entries(s).map(([k, v]) => [k, v === null ? '' : typeof v === 'number' ? number(v) : v])) as SettingsForm;
}

export function settingsOf(f: SettingsForm, known: Settings): { settings: Settings; errors: Errors } {
  const errors: Errors = {};
  if (length(f.currency_name) < 1 || length(f.currency_name) > 32 || !line(f.currency_name)) errors['currency_name'] = "The currency's name has 1 to 32 characters, all on one line.";
  if (length(f.currency_symbol) < 1 || length(f.currency_symbol) > 64 || !line(f.currency_symbol)) errors['currency_symbol'] = 'The symbol is one emoji, or has 1 to 64 characters on one line.';
  const n = (field: keyof Settings, low: number, high: number, text: string): number => {
    const v = f[field].trim() === '' ? null : parseAmount(f[field]);
    if (v === null || v < low || v > high) errors[field] = text;
    return v ?? 0;
  };
  const max = n('max_balance', 1, maxBalance, `The highest balance goes from 1 to ${number(maxBalance)}.`);
  const out = {
    ...known,
    currency_name: f.currency_name,
    currency_symbol: f.currency_symbol,
    max_balance: max,
    starting_balance: n('starting_balance', 0, Math.min(maxMovement, max || maxMovement), `The starting balance goes from 0 to ${number(maxMovement)}, and not beyond the highest balance.`),
    daily_amount: n('daily_amount', 1, maxMovement / 2, `The daily coins go from 1 to ${number(maxMovement / 2)}.`),
    streak_bonus: n('streak_bonus', 0, maxMovement / 1000, `The streak bonus goes from 0 to ${number(maxMovement / 1000)}.`),
    streak_cap: n('streak_cap', 0, 365, 'The days that earn the bonus go from 0 to 365.'),
    grace: n('grace', 0, 6, 'The days that may be missed go from 0 to 6.'),
    time_zone: f.time_zone,
  };
  // What is not chosen is empty.
  for (const field of ['admin_channel', 'task_channel', 'review_channel', 'reviewer_role', 'welcome_channel', 'admin_role'] as const) {
    out[field] = f[field];
  }
  return { settings: out, errors };
}

const right = (errors: Errors): boolean => Object.keys(errors).length === 0;

/** A form as it comes back from the server: 2,000 for 2k. One with errors cannot be sent and stays as it is. */
export function tidyTask(f: TaskForm): TaskForm {
  const { terms, errors } = taskTerms(f);
  return right(errors) ? taskForm(terms) : f;
}
export function tidyItem(f: ItemForm): ItemForm {
  const { terms, stock, errors } = itemTerms(f);
  return right(errors) ? itemForm({ ...terms, stock }) : f;
}
export function tidySettings(f: SettingsForm, known: Settings): SettingsForm {
  const { settings, errors } = settingsOf(f, known);
  return right(errors) ? settingsForm(settings) : f;
}

/** Where both have changed something since base, mine counts; else whatever was changed. */
export function merge<T extends object>(base: T, mine: T, theirs: T): T {
  const out = { ...theirs };
  for (const key of Object.keys(mine) as (keyof T)[]) if (JSON.stringify(mine[key]) !== JSON.stringify(base[key])) out[key] = mine[key];
  return out;
}

