import { expect, test } from '@jest/globals';
import { Environment } from './environment.ts';
import { retryAfterMs } from './model-failure.ts';

const now = Date.parse('2026-01-01T00:00:00Z');

test.each([
  [{ 'retry-after': '7' }, 7_000],
  [{ 'retry-after': '0' }, 0],
  [{ 'retry-after-ms': '250', 'retry-after': '7' }, 250],
  [{ 'retry-after': 'Thu, 01 Jan 2026 00:00:30 GMT' }, 30_000],
  [{ 'retry-after': 'Wed, 31 Dec 2025 00:00:30 GMT' }, 0],
  [{ 'retry-after': '-5' }, undefined],
  [{ 'retry-after': 'soon' }, undefined],
  [{ 'retry-after': '' }, undefined],
  [{}, undefined],
])('%j asks to wait for %p ms', (headers: Record<string, string>, expected) => {
  expect(retryAfterMs(headers, now)).toBe(expected);
});

test('a text is shown without secret values and without the variables that were used', () => {
  const environment = new Environment(
    { values: { TOKEN: 'a-secret-token' }, secrets: ['a-secret-token'] },
    { OWN: 'of the server', SHORT: 'abc' },
  );
  expect(environment.fill('Bearer ${TOKEN}, ${OWN}')).toBe('Bearer a-secret-token, of the server');
  expect(environment.redact('a-secret-token, of the server, abc')).toBe('[redacted], [redacted], abc');
  expect(() => environment.require('MISSING')).toThrow(/the agent needs the variable MISSING/);
});
