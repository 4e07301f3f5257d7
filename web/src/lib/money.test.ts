import { expect, test } from 'vitest';
import { compact, number, parseAmount, parsePercent, signed, symbol } from './money';

// The same as internal/economy's TestParseAmount reads, without the range.
test('amounts are read as people write them', () => {
  for (const [text, want] of [
    ['0', 0], ['1', 1], ['250', 250], ['1,000', 1000], ["1'000'000", 1_000_000], ['1_000', 1000], ['1 000', 1000],
    ['2k', 2000], ['1.5m', 1_500_000], ['1.25K', 1250], ['3 b', 3_000_000_000], ['1,000k', 1_000_000], [' 12 ', 12],
    ['1000000000000000', 1_000_000_000_000_000],
  ] as const) expect(parseAmount(text), text).toBe(want);
});

test('what could mean two things is no amount', () => {
  for (const text of ['', '-1', '1.000', '1.5', '1,00', '1,0000', '1,000 000', '1.555k', 'k', '1kk', 'all', '1e3', '0x10', '１', '99999999999999999999']) expect(parseAmount(text), text).toBeNull();
});

test('a part is a whole percent, and nothing is none', () => {
  for (const [text, want] of [['0', 0], [' 50 ', 50], ['100', 100], ['', null], [' ', null], ['101', null], ['-1', null], ['1e1', null], ['0x10', null], ['50%', null], ['5.5', null]] as const)
    expect(parsePercent(text), text).toBe(want);
});

test('numbers are written for people', () => {
  expect([number(1234567), signed(250), signed(-30), signed(0), compact(9999), compact(1_250_000)]).toEqual(['1,234,567', '+250', '−30', '0', '9,999', '1.3M']);
});

test('an emoji that is a picture has no sign', () => {
  expect([symbol('🪙'), symbol('<:gem:123>'), symbol('<a:gem:123>')]).toEqual(['🪙', '', '']);
});
