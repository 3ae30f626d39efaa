import { expect, test } from '@jest/globals';
import { createLogger } from '../logging/create-logger.ts';
import { createScope } from './scope.ts';

const logger = createLogger({ name: 'test', level: 'silent' });

test('a resource that is added after the end began is closed too', async () => {
  const scope = createScope(logger);
  const closed: string[] = [];
  scope.add('early', { close: () => closed.push('early') });
  await scope.close();
  scope.add('late', { close: () => closed.push('late') });
  await scope.close();
  expect(closed).toEqual(['early', 'late']);
});

test('the first reason to stop counts', async () => {
  const scope = createScope(logger);
  scope.stop('SIGTERM');
  scope.fail(new Error('a consequence of stopping'));
  expect(await scope.stopRequested).toEqual({ text: 'SIGTERM' });
  expect(scope.signal.aborted).toBe(true);
  await scope.close();
});
