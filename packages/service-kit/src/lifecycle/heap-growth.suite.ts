import { once } from 'node:events';
import { GCProfiler } from 'node:v8';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { createLogger } from '../logging/create-logger.ts';
import { runService } from './run-service.ts';

/**
 * A process for the test of the limit: `node heap-growth.suite.ts [service]`. A thread of it holds as much all the
 * while, and throws as much away as it takes anew; the process prints how often its whole heap was collected.
 */
const PIECES_KEPT = 2_000;
const PIECES_MADE = 40_000;

function fullCollections(): number {
  const profiler = new GCProfiler();
  profiler.start();
  const kept: unknown[] = [];
  for (let made = 0; made < PIECES_MADE; made += 1) {
    kept[made % PIECES_KEPT] = Array.from({ length: 1_000 }, (_, i) => ({ i }));
  }
  const collections = profiler.stop()?.statistics ?? [];
  return collections.filter(({ gcType }) => gcType === 'MarkSweepCompact').length;
}

async function printCollections(): Promise<void> {
  const [times] = await once(new Worker(new URL(import.meta.url)), 'message');
  process.stdout.write(`${times}\n`);
}

if (!isMainThread) parentPort?.postMessage(fullCollections());
else if (process.argv[2] !== 'service') await printCollections();
else {
  await runService({
    name: 'test',
    logger: createLogger({ name: 'test', level: 'silent' }),
    start: async (scope) => {
      await printCollections();
      scope.stop('printed');
    },
  });
}
