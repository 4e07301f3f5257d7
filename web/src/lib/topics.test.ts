import { expect, test } from 'vitest';
import { eventKinds } from './describe';
import { topicsOf } from './topics';

test('each known event concerns some lists, and the trail', () => {
  for (const kind of eventKinds) expect(topicsOf(kind), kind).toContain('trail');
});

test('an event that nobody knows concerns all', () => {
  expect(topicsOf('moon.landed')).toBe('all');
  expect(topicsOf('')).toBe('all');
});
