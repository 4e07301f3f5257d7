import { expect, test } from 'vitest';
import { actorName, changes, eventDetail, eventName, kindName } from './describe';

test('changes are told field by field', () => {
  expect(changes({ terms: { title: 'Old', reward: 5 }, version: 1 }, { terms: { title: 'New', reward: 5 }, version: 2 })).toEqual([
    { field: 'title', before: 'Old', after: 'New' },
    { field: 'version', before: '1', after: '2' },
  ]);
  expect(changes(null, { usable: true, note: '' })).toEqual([
    { field: 'usable', before: '–', after: 'yes' },
  ]);
  expect(changes({ a: 1 }, { a: 1 })).toEqual([]);
  expect(changes({ balances: { 3: 1000 } }, { balances: { 3: 750 } })).toEqual([{ field: 'balance of member 3', before: '1,000', after: '750' }]);
  expect(changes(1000, null)).toEqual([{ field: 'value', before: '1,000', after: '–' }]);
});

test('an event is told by what says most', () => {
  expect(eventDetail({ kind: 'task.created', before: null, after: { terms: { title: 'Guide' } } })).toBe('Guide');
  expect(eventDetail({ kind: 'daily', before: null, after: { amount: 1200 } })).toBe('1,200');
  expect(eventDetail({ kind: 'daily', before: null, after: {} })).toBe('');
  expect(eventDetail({ kind: 'transfer', before: { balances: { 3: 1000, 4: 0 } }, after: { balances: { 3: 750, 4: 250 } } })).toBe('250');
});

test('what nobody knows keeps its name', () => {
  expect([eventName('moon.landed'), kindName('barter'), kindName('daily')]).toEqual(['moon landed', 'barter', 'Daily coins']);
  expect([actorName(null), actorName({ kind: 'system', id: '', user_id: null, name: '' }), actorName({ kind: 'erased', id: '3', user_id: null, name: '' }), actorName({ kind: 'member', id: '3', user_id: null, name: '' })]).toEqual(['Nobody', 'Coffer', 'Erased member', 'Member 3']);
});
