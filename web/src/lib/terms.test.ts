import { expect, test } from 'vitest';
import { itemForm, itemTerms, merge, newItem, newTask, settingsForm, settingsOf, taskForm, taskTerms } from './terms';

test('a form is what it was made from', () => {
  const task = { title: 'Guide', description: 'a\nb', picture: 'https://p.example/x.png', reward: 1500, proof: 'text', review: 'answer', answer: '42', places: 3, repeat: 'weekly', deadline: '2026-12-24T18:00:00.000Z', claim_hours: 48, tries: 3, required_role: '77', prerequisite: '4' } as const;
  expect(taskTerms(taskForm(task))).toEqual({ errors: {}, terms: task });
  const item = { name: 'VIP', description: '', category: 'Roles', picture: '', price: 250, member_limit: 2, required_role: null, minimum_balance: 1000, from: null, until: '2026-12-24T18:00:00.000Z', role: '77', role_hours: 24, usable: false, use_message: '' };
  expect(itemTerms(itemForm({ ...item, stock: { limited: true, left: 0 } }))).toEqual({ errors: {}, terms: item, stock: { limited: true, left: 0 } });
});

test('an empty form says what is missing', () => {
  expect(Object.keys(taskTerms(newTask()).errors)).toEqual(['title', 'reward']);
  expect(Object.keys(itemTerms(newItem()).errors)).toEqual(['name', 'price']);
});

test('each rule is said at its field', () => {
  const task = { ...newTask(), title: 'x', reward: '1' };
  for (const [field, change] of Object.entries({
    title: { title: 'x'.repeat(81) },
    description: { description: 'x'.repeat(1001) },
    picture: { picture: 'http://p.example' },
    reward: { reward: '1.5' },
    review: { review: 'answer', answer: 'x', proof: 'link' },
    answer: { review: 'answer' },
    places: { places: '100,001' },
    claim_hours: { claim_hours: '8761' },
    tries: { tries: '21' },
  })) expect(Object.keys(taskTerms({ ...task, ...change } as typeof task).errors), field).toEqual([field]);
  const item = { ...newItem(), name: 'x', price: '1' };
  for (const [field, change] of Object.entries({
    category: { category: 'x'.repeat(41) },
    member_limit: { member_limit: '2b' },
    until: { from: '2026-12-24T18:00', until: '2026-12-24T18:00' },
    role: { does: 'role' },
    role_hours: { does: 'role', role: '7', role_hours: '-1' },
    use_message: { does: 'use', use_message: 'x'.repeat(1001) },
    stock: { limited: true },
  })) expect(Object.keys(itemTerms({ ...item, ...change } as typeof item).errors), field).toEqual([field]);
});

test('characters are counted as people count them', () => {
  expect(taskTerms({ ...newTask(), title: '😀'.repeat(80), reward: '1' }).errors).toEqual({});
});

test('settings are checked against each other', () => {
  const known = { currency_name: 'coins', currency_symbol: '🪙', starting_balance: 100, daily_amount: 100, streak_bonus: 10, streak_cap: 10, grace: 1, time_zone: 'UTC', max_balance: 1000, admin_channel: '', task_channel: '5', review_channel: '', reviewer_role: '', welcome_channel: '7', admin_role: '8' };
  const form = settingsForm(known);
  expect(settingsOf(form, known)).toEqual({ settings: known, errors: {} });
  expect(Object.keys(settingsOf({ ...form, starting_balance: '1,001', grace: '7', daily_amount: '0' }, known).errors)).toEqual(['starting_balance', 'daily_amount', 'grace']);
  expect(settingsOf({ ...form, task_channel: '', admin_channel: '9', welcome_channel: '', admin_role: '4', reviewer_role: '6', review_channel: '5' }, known).settings).toMatchObject({ task_channel: '', admin_channel: '9', welcome_channel: '', admin_role: '4', reviewer_role: '6', review_channel: '5' });
});

test('two edits come together; where both changed the same, mine counts', () => {
  expect(merge({ a: 1, b: 1, c: 1 }, { a: 2, b: 1, c: 2 }, { a: 1, b: 3, c: 3 })).toEqual({ a: 2, b: 3, c: 2 });
});
