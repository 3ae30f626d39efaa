import { expect, test } from '@jest/globals';
import { stepOf } from './demo-story.ts';

const time = '2026-01-02T03:04:05.678Z';

test('a line of the handshake is a step with its time, its service and its facts', () => {
  const line = JSON.stringify({
    time,
    level: 'info',
    msg: 'slot free while the call waits',
    slotsFree: 100,
    slots: 100,
    taskQueue: 'zigflow',
  });
  expect(stepOf('zigflow', line)).toEqual({
    at: Date.parse(time),
    who: 'zigflow',
    what: 'free activity slots while the call waits: 100 of 100',
  });
});

test('a fact that a line lacks is called unknown, and does not end the demo', () => {
  const line = JSON.stringify({ time, level: 'info', msg: 'verdict on the completion' });
  expect(stepOf('stigmer', line)?.what).toBe('verdict: unknown');
});

test('other lines are no steps', () => {
  expect(stepOf('stigmer', JSON.stringify({ time, level: 'info', msg: 'starting' }))).toBeUndefined();
  expect(stepOf('stigmer', JSON.stringify({ time, level: 'info', msg: 'toString' }))).toBeUndefined();
  expect(stepOf('zigflow', 'Warning: something')).toBeUndefined();
});
