import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { claimFreePort } from '@token-handshake/temporal-dev';
import { runDev } from './dev-stack.ts';
import { repositoryRoot } from './service-name.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** Tells of lines as they come. */
class Log {
  #waiting: { fits: RegExp; resolve: (line: string) => void }[] = [];

  add(line: string): void {
    for (const each of this.#waiting.filter(({ fits }) => fits.test(line))) each.resolve(line);
    this.#waiting = this.#waiting.filter(({ fits }) => !fits.test(line));
  }

  /** The next line that fits, not one that came already. */
  next(fits: RegExp): Promise<string> {
    return new Promise((resolve) => this.#waiting.push({ fits, resolve }));
  }
}

test('a service starts again after a change and after a crash; the end leaves nothing running', async () => {
  await using folder = await temporaryFolder();
  const workflowsDir = join(folder.path, 'workflows');
  await mkdir(workflowsDir);
  const document = await readFile(
    join(repositoryRoot, 'examples/summarize/workflows/summarize.yaml'),
    'utf8',
  );
  await writeFile(join(workflowsDir, 'summarize.yaml'), document);
  using stigmer = await claimFreePort('127.0.0.1');
  using zigflow = await claimFreePort('127.0.0.1');
  const log = new Log();
  const pids: number[] = [];
  const controller = new AbortController();
  const ready = log.next(/^dev ready: /);
  const running = runDev({
    dataDir: join(folder.path, 'data'),
    env: {
      ...process.env,
      WORKFLOWS_DIR: workflowsDir,
      STIGMER_LISTEN: `127.0.0.1:${stigmer.port}`,
      ZIGFLOW_LISTEN: `127.0.0.1:${zigflow.port}`,
      TEMPORAL_ADDRESS: '',
    },
    temporal: { port: 0, uiPort: false },
    // Somebody may be working on the sources while this runs.
    watchSources: false,
    print(source, line) {
      const pid = /"pid":(\d+)/.exec(line)?.[1];
      if (pid !== undefined && !pids.includes(Number(pid))) pids.push(Number(pid));
      log.add(`${source} ${line}`);
    },
    signal: controller.signal,
  });
  try {
    await ready;

    const changed = log.next(/^zigflow .*summarize\.yaml changed: starting again/);
    const again = log.next(/^zigflow .*"worker running"/);
    await writeFile(join(workflowsDir, 'summarize.yaml'), `${document}# changed\n`);
    await changed;
    await again;

    const crashed = log.next(/^zigflow ended with signal SIGKILL; starts again in 1 s/);
    const back = log.next(/^zigflow .*"worker running"/);
    process.kill(Number(/"pid":(\d+)/.exec(await again)?.[1]), 'SIGKILL');
    await crashed;
    await back;
  } finally {
    controller.abort();
  }
  expect(await running).toBeUndefined();
  expect(pids).toHaveLength(4);
  for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});
