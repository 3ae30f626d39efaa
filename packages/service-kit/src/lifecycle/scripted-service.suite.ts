import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigError } from '../config/config-error.ts';
import { createLogger } from '../logging/create-logger.ts';
import { runService } from './run-service.ts';
import type { Scope } from './scope.ts';

/** A process for the tests of `runService`: `node scripted-service.suite.ts <script>`. */
const scripts: Record<string, (scope: Scope) => Promise<void>> = {
  async normal() {},
  async 'start rejects'() {
    throw new Error('the database is locked');
  },
  async 'start finds a bad configuration'() {
    throw new ConfigError([]);
  },
  async 'start waits'(scope) {
    await sleep(60_000, undefined, { signal: scope.signal });
  },
  async 'start ignores everything'() {
    await sleep(60_000);
  },
  async 'close hangs'(scope) {
    scope.add('stuck', { close: () => sleep(60_000) });
  },
  async 'close is slow'(scope) {
    scope.add('slow', { close: () => sleep(2_500) });
  },
  async 'close rejects'(scope) {
    scope.add('broken', { close: () => Promise.reject(new Error('cannot close')) });
  },
  async 'fails later'(scope) {
    setTimeout(() => scope.fail(new Error('the worker died')), 50);
  },
  async 'rejection nobody handles'() {
    setTimeout(() => void Promise.reject(new Error('nobody awaits me')), 50);
  },
  async 'exception nobody catches'() {
    setTimeout(() => {
      throw new Error('nobody catches me');
    }, 50);
  },
};

const script = scripts[process.argv[2] ?? ''];
if (script === undefined) throw new Error(`no script "${process.argv[2]}"`);
const logger = createLogger({ name: 'scripted', level: 'debug' });
let reloads = 0;

await runService({
  name: 'scripted',
  logger,
  shutdownMs: Number(process.env['SHUTDOWN_MS'] ?? 10_000),
  async reload() {
    reloads += 1;
    if (reloads > 1) throw new Error('no key in the file');
  },
  async start(scope) {
    scope.add('first', { close: () => logger.info('first is closed') });
    scope.add('second', { close: () => logger.info({ aborted: scope.signal.aborted }, 'second is closed') });
    await script(scope);
  },
});
