import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@jest/globals';

const watchdogModule = new URL('./watchdog.ts', import.meta.url).href;

/** A process that guards a child and says the child's id; `child` is the shell script that the child runs. */
async function startGuarding(child: string, graceMs: number, dismiss = false) {
  const program = `
    import { spawn } from 'node:child_process';
    import { startWatchdog } from ${JSON.stringify(watchdogModule)};
    const watchdog = startWatchdog({ graceMs: ${graceMs} });
    const child = spawn('/bin/sh', ['-c', ${JSON.stringify(child)}], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
    watchdog.guard(child.pid);
    child.stdout.once('data', () => {
      if (${dismiss}) watchdog.dismiss();
      console.log(child.pid);
    });
    setInterval(() => {}, 1_000);`;
  const parent = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(parent.stdout), 'line')) as [string];
  return { parent, pid: Number(line) };
}

async function kill(parent: ChildProcess): Promise<void> {
  const exit = once(parent, 'exit');
  parent.kill('SIGKILL');
  expect(await exit).toEqual([null, 'SIGKILL']);
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function gone(pid: number): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (exists(pid)) {
    if (Date.now() > deadline) throw new Error(`expected process ${pid} to be gone, but it runs`);
    await delay(20);
  }
}

test('a group ends when the process that guards it is killed', async () => {
  const { parent, pid } = await startGuarding('echo up; sleep 600', 5_000);
  expect(exists(pid)).toBe(true);
  await kill(parent);
  await gone(pid);
});

test('a group that ignores the request is killed after its grace', async () => {
  const { parent, pid } = await startGuarding("trap '' TERM; echo up; while :; do sleep 1; done", 500);
  await kill(parent);
  await gone(pid);
});

test('a dismissed watchdog ends nobody', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'watchdog-'));
  const file = join(folder, 'done');
  try {
    const { parent, pid } = await startGuarding(`echo up; sleep 1; echo done > '${file}'`, 100, true);
    await kill(parent);
    await gone(pid);
    expect(await readFile(file, 'utf8')).toBe('done\n');
  } finally {
    await rm(folder, { recursive: true });
  }
});
