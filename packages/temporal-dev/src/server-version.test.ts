import { expect, test } from '@jest/globals';
import { isOlder } from './server-version.ts';

test('releases are compared as numbers, part by part', () => {
  expect(isOlder('1.29.0', '1.29.1')).toBe(true);
  expect(isOlder('1.9.9', '1.29.1')).toBe(true);
  expect(isOlder('0.99.99', '1.0.0')).toBe(true);
  expect(isOlder('1.29.1', '1.29.1')).toBe(false);
  expect(isOlder('1.100.0', '1.29.1')).toBe(false);
  expect(isOlder('2.0.0', '1.29.1')).toBe(false);
});
