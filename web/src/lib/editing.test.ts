import { expect, test } from 'vitest';
import { Editing } from './editing.svelte';
import { itemForm, itemTerms, newItem, tidyItem, tidyTask, newTask } from './terms';

const by = { by: 'ada', at: '' };
/** A form over a price, of which "2k" comes back as "2,000". */
const begun = () => {
  const e = new Editing({ name: '', price: '' }, (f) => ({ ...f, price: f.price.replace('2k', '2,000') }));
  e.start({ name: 'Hat', price: '100' }, '"1"');
  return e;
};

test('what others have saved replaces what was not edited', () => {
  const e = begun();
  expect(e.seen({ form: { name: 'Cap', price: '100' }, tag: '"2"', ...by })).toBe(true);
  expect([e.form.name, e.tag, e.theirs, e.dirty]).toEqual(['Cap', '"2"', null, false]);
});

test('what others have saved is kept apart from what was edited', () => {
  const e = begun();
  e.form.price = '2k';
  expect(e.seen({ form: { name: 'Hat', price: '300' }, tag: '"2"', ...by })).toBe(false);
  expect([e.form.price, e.tag, e.theirs?.form.price, e.dirty]).toEqual(['2k', '"1"', '300', true]);
});

test('what is there as it was sent is no conflict, but saved', () => {
  for (const price of ['2k', '2,000']) {
    const e = begun();
    e.form.price = price;
    e.theirs = { form: { name: 'Hat', price: '300' }, tag: '"2"', ...by }; // seen before
    expect(e.seen({ form: { name: 'Hat', price: '2,000' }, tag: '"3"', ...by })).toBe(true);
    expect([e.form.price, e.tag, e.theirs, e.dirty]).toEqual(['2,000', '"3"', null, false]);
  }
});

test('the same state again says nothing of what was edited since', () => {
  const e = begun();
  e.form.price = '2k';
  expect(e.seen({ form: { name: 'Hat', price: '100' }, tag: '"1"', ...by })).toBe(false);
  expect([e.form.price, e.theirs]).toEqual(['2k', null]);
});

test('a form is tidied as the server gives it back, unless it cannot be sent', () => {
  const item = { ...newItem(), name: ' Hat ', price: '2k', limited: true, left: '10' };
  const { terms, stock } = itemTerms(item);
  expect(tidyItem(item)).toEqual(itemForm({ ...terms, stock }));
  expect(tidyItem(item)).toMatchObject({ name: 'Hat', price: '2,000' });
  expect(tidyItem({ ...item, member_limit: 'x' })).toEqual({ ...item, member_limit: 'x' });
  expect(tidyTask({ ...newTask(), title: 'Guide', reward: '1.5m', answer: 'left over' })).toMatchObject({ reward: '1,500,000', answer: '' });
});
