import { expect, test } from '@jest/globals';
import { LatestProgress } from './latest-progress.ts';

test('the last line of a run is known until its end', () => {
  const progress = new LatestProgress();
  progress.say('one', 'reading');
  progress.say('one', ' writing \n');
  progress.say('one', '  ');
  expect(progress.of('one')).toBe('writing');
  expect(progress.of('two')).toBeUndefined();
  progress.forget('one');
  expect(progress.of('one')).toBeUndefined();
});

test('it takes no more memory than for its runs: the most silent one is forgotten, long lines are cut', () => {
  const progress = new LatestProgress(2);
  for (const id of ['one', 'two', 'one', 'three']) progress.say(id, `${id}${'😀'.repeat(200)}`);
  expect(progress.of('two')).toBeUndefined();
  expect(progress.of('one')).toHaveLength(200);
  expect(progress.of('one')?.isWellFormed()).toBe(true);
  expect(progress.of('three')).toBeDefined();
});
