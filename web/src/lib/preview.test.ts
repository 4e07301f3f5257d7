import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { ItemTerms, TaskTerms } from './model';
import { itemShown, taskShown, type Shown } from './preview';

/** What the bot is known to send: the golden files of its own tests. */
const golden = (name: string): unknown => JSON.parse(readFileSync(`../interactions/testdata/${name}.en-US.json`, 'utf8'));
type Sent = { embeds: Shown['embed'][]; components: Shown['components'] };

/** A message without what only a press of its buttons needs. */
function bare(s: Shown | Sent): Shown {
  const embed = 'embed' in s ? s.embed : s.embeds[0];
  return JSON.parse(JSON.stringify({ embed, components: s.components }, (key, value: unknown) => (key === 'custom_id' ? undefined : value))) as Shown;
}

const currency = { name: 'coins', symbol: '🪙' };
const vip = '115590097100865541';
const deadline = new Date(1798034700_000).toISOString();

test('a task is shown as the bot announces it', () => {
  const sent = golden('notice_task') as Record<string, Sent>;
  const terms: TaskTerms = {
    title: 'Write a *guide*', description: 'About **anything**.\n- short\n- clear', picture: 'https://pictures.example/guide.png', reward: 1500,
    proof: 'text', review: 'answer', answer: 'SECRET', places: 3, repeat: 'weekly', deadline, claim_hours: 48, tries: 3, required_role: '115590097100865551', prerequisite: '4',
  };
  const role = /<@&(\d+)>/.exec(JSON.stringify(sent['open']))?.[1] ?? '';
  const t = { ...terms, required_role: role };
  expect(bare(taskShown(t, 'open', 2, currency))).toEqual(bare(sent['open']!));
  expect(bare(taskShown(t, 'open', 0, currency))).toEqual(bare(sent['no place']!));
  expect(bare(taskShown(t, 'closed', 2, currency))).toEqual(bare(sent['closed']!));
  expect(bare(taskShown(t, 'archived', 2, currency))).toEqual(bare(sent['archived']!));
  const plain: TaskTerms = { ...terms, title: 'Say hello', description: '', picture: '', reward: 5, proof: 'none', review: 'person', answer: null, places: 0, repeat: 'once', deadline: null, claim_hours: 0, required_role: null, prerequisite: null };
  expect(bare(taskShown(plain, 'open', 0, currency))).toEqual(bare(sent['plain']!));
});

test('an item is shown as the bot offers it', () => {
  const steps = golden('item') as { step: string; reply: { data: Sent } }[];
  const sent = (step: string): Shown => bare(steps.find((s) => s.step === step)!.reply.data);
  const terms: ItemTerms = { name: '', description: '', category: '', picture: '', price: 1, member_limit: 0, required_role: null, minimum_balance: 0, from: null, until: null, role: null, role_hours: 0, usable: false, use_message: '' };
  const endless = { limited: false, left: 0 };
  expect(bare(itemShown({ ...terms, name: 'Sword', price: 30, description: 'Sharp on **both** sides.\nMind your fingers.', picture: 'https://pictures.example/sword.png' }, { limited: true, left: 3 }, 100, currency))).toEqual(sent('what one can buy'));
  expect(bare(itemShown({ ...terms, name: 'Potion', price: 5, usable: true, member_limit: 2 }, endless, 100, currency))).toEqual(sent('with a limit'));
  const day = sent('with a role');
  const role = /<@&(\d+)>/.exec(JSON.stringify(day))?.[1] ?? vip;
  expect(bare(itemShown({ ...terms, name: 'VIP day', price: 40, role, role_hours: 24, until: deadline }, endless, 100, currency))).toEqual(day);
  const crown = sent('sold out, with all it takes');
  const shown = bare(itemShown({ ...terms, name: 'Crown', price: 90, required_role: role, minimum_balance: 500 }, { limited: true, left: 0 }, 5000, currency));
  crown.embed.fields = crown.embed.fields!.filter((f) => f.name !== 'Not now'); // who presses it is told why
  expect(shown).toEqual(crown);
});
