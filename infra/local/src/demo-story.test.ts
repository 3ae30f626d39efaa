import { expect, test } from '@jest/globals';
import * as stigmer from '@token-handshake/stigmer-server/reference';
import * as zigflow from '@token-handshake/zigflow-worker/reference';
import { stepOf, tellers } from './demo-story.ts';

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

test('every message of the story is a line that its service writes', () => {
  const written = {
    stigmer: Object.values<string>(stigmer.LOG_MESSAGES),
    zigflow: Object.values<string>(zigflow.LOG_MESSAGES),
  };
  for (const service of ['stigmer', 'zigflow'] as const) {
    const told = [...tellers[service].keys()];
    expect(told).not.toHaveLength(0);
    expect(written[service]).toEqual(expect.arrayContaining(told));
  }
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
