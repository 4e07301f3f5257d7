import { expect, it } from 'vitest';
import { Draft } from './draft.svelte';
import { kinds, type Entry } from '../lib/commands';

const entry: Entry = {
  command: 'pay',
  shown: 'pay',
  description: '',
  options: [
    { name: 'member', type: kinds.user, description: '', required: true },
    { name: 'amount', type: kinds.integer, description: '', required: true, min_value: 1 },
    { name: 'item', type: kinds.string, description: '', autocomplete: true },
    { name: 'proof', type: kinds.attachment, description: '' },
  ],
};

it('begins with what is required, and adds the rest in order', () => {
  const d = new Draft(entry);
  expect(d.fields.map((f) => f.option.name)).toEqual(['member', 'amount']);
  expect(d.rest.map((o) => o.name)).toEqual(['item', 'proof']);
  expect(d.add(entry.options[3]!)).toBe(2);
  expect(d.add(entry.options[2]!)).toBe(2);
  expect(d.fields.map((f) => f.option.name)).toEqual(['member', 'amount', 'item', 'proof']);
  d.remove(2);
  expect(d.rest.map((o) => o.name)).toEqual(['item']);
});

it('finds what is wrong, first things first', () => {
  const d = new Draft(entry);
  d.type(1, '0');
  expect(d.check()).toBe(0);
  d.pick(0, { label: 'Bob', value: '6' });
  expect(d.check()).toBe(1);
  expect(d.fields[1]?.error).toContain('at least 1');
  d.type(1, ' 05 ');
  expect(d.check()).toBe(-1);
  expect(d.filled()).toEqual({ command: 'pay', options: { member: '6', amount: '5' } });
  d.type(0, 'Bo');
  expect(d.check()).toBe(0);
});

it('tells an autocompletion what is there and what is being typed', () => {
  const d = new Draft(entry);
  d.type(0, 'not chosen yet');
  d.type(1, '7');
  d.add(entry.options[2]!);
  d.type(2, 'ro');
  d.attach(d.add(entry.options[3]!), { name: 'a.png', size: 1, content_type: 'image/png' });
  expect(d.filled('item')).toEqual({ command: 'pay', options: { amount: '7', item: 'ro' } });
});

it('sends files as notes', () => {
  const d = new Draft(entry);
  d.pick(0, { label: 'Bob', value: '6' });
  d.type(1, '1');
  d.attach(d.add(entry.options[3]!), { name: 'a.png', size: 1, content_type: 'image/png' });
  expect(d.check()).toBe(-1);
  expect(d.filled().options['proof']).toEqual({ name: 'a.png', size: 1, content_type: 'image/png' });
});
