import { describe, expect, it } from 'vitest';
import { endAfter, format, relative } from './time';

describe('format', () => {
  const at = Date.UTC(2026, 10, 2, 12, 5, 7) / 1000;
  it.each([
    ['t', 'UTC', '12:05 PM'],
    ['T', 'UTC', '12:05:07 PM'],
    ['d', 'UTC', '11/2/26'],
    ['D', 'UTC', 'November 2, 2026'],
    ['f', 'UTC', 'November 2, 2026 at 12:05 PM'],
    ['F', 'UTC', 'Monday, November 2, 2026 at 12:05 PM'],
    ['?', 'UTC', 'November 2, 2026 at 12:05 PM'],
    ['t', 'Asia/Tokyo', '9:05 PM'],
    ['D', 'Pacific/Kiritimati', 'November 3, 2026'],
  ])('%s in %s', (style, zone, want) => expect(format(at, style, 'en-US', zone).replace(/\u202f/g, ' ')).toBe(want));
  it('speaks the reader’s language', () => expect(format(at, 'D', 'de', 'UTC')).toBe('2. November 2026'));
  it('survives nonsense', () => expect(format(9e15, 'f', 'en-US')).toBe('Invalid date'));
});

describe('relative', () => {
  const now = Date.UTC(2026, 10, 2);
  it.each([
    [5, 'in 5 seconds'],
    [-60, '1 minute ago'],
    [3600 * 3, 'in 3 hours'],
    [-86_400 * 2, '2 days ago'],
    [86_400 * 45, 'in 2 months'],
    [86_400 * 800, 'in 2 years'],
    [0, 'now'],
  ])('%d s', (off, want) => expect(relative(now / 1000 + off, now, 'en-US')).toBe(want));
  it('speaks the reader’s language', () => expect(relative(now / 1000 + 7200, now, 'de')).toBe('in 2 Stunden'));
});

describe('endAfter', () => {
  it('is the same for whoever asks again on the same day, and never too soon', () => {
    const at = Date.UTC(2026, 10, 2, 12, 5, 7);
    expect(endAfter(at, 30)).toBe('2026-12-03T00:00:00.000Z');
    expect(endAfter(at + 3_600_000, 30)).toBe(endAfter(at, 30));
    expect(endAfter(Date.UTC(2026, 10, 2), 1)).toBe('2026-11-04T00:00:00.000Z');
  });
});
