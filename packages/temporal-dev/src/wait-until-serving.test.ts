import { expect, test } from '@jest/globals';
import { addressOf, splitAddress } from './wait-until-serving.ts';

test('an address is split into host and port, with 7233 where none is given', () => {
  expect(splitAddress('localhost:7234')).toEqual({ host: 'localhost', port: 7234 });
  expect(splitAddress('temporal.internal')).toEqual({ host: 'temporal.internal', port: 7233 });
  expect(splitAddress('[::1]:7233')).toEqual({ host: '::1', port: 7233 });
});

test('what is no address is refused with its text', () => {
  expect(() => splitAddress('http://localhost:7233')).toThrow('"http://localhost:7233"');
});

test('clients get an address that they can connect to, whatever the server listens on', () => {
  expect(addressOf('127.0.0.1', 1)).toBe('127.0.0.1:1');
  expect(addressOf('0.0.0.0', 1)).toBe('localhost:1');
  expect(addressOf('::1', 1)).toBe('[::1]:1');
});
