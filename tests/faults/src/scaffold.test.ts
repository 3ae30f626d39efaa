import { expect, test } from '@jest/globals';
import { echo } from '@token-handshake/test-kit';

test('the test kit is at hand', () => {
  expect(echo()).toHaveProperty('command');
});
