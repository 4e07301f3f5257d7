import { expect, test } from 'vitest';
import { isolate } from './bidi';

test('a name is closed in itself', () => {
  expect(isolate('Ada')).toBe('\u2068Ada\u2069');
  // An override ends with the isolate that it is in, which the name can neither end nor prolong.
  expect(isolate('a\u202Eb')).toBe('\u2068a\u202Eb\u2069');
  expect(isolate('a\u2069\u202Eb\u2067')).toBe('\u2068a\u202Eb\u2069');
});
