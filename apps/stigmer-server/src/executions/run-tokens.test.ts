import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { RunTokens } from './run-tokens.ts';

const key = () => new Uint8Array(randomBytes(32));

test('a token is good for its own execution, and for no other', () => {
  const tokens = new RunTokens([key()]);
  const token = tokens.of('aex_one');
  expect(tokens.matches('aex_one', token)).toBe(true);
  expect(tokens.matches('aex_two', token)).toBe(false);
});

test.each(['', 'short', 'A'.repeat(43), '!'])('"%s" is no token', (token) => {
  expect(new RunTokens([key()]).matches('aex_one', token)).toBe(false);
});

test('a token outlives a change of the key for as long as the old key is there', () => {
  const [before, after] = [key(), key()];
  const token = new RunTokens([before]).of('aex_one');
  expect(new RunTokens([after, before]).matches('aex_one', token)).toBe(true);
  expect(new RunTokens([after]).matches('aex_one', token)).toBe(false);
});

test('without a key there are no tokens', () => {
  expect(() => new RunTokens([])).toThrow('at least one secrets key');
});
