import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { eventually, processExists } from '@token-handshake/test-kit';
import { readArguments } from './arguments.ts';
import { keepCoresBusy } from './busy-cores.ts';

test('the command line says how often, how busy, and leaves the rest to Jest', () => {
  expect(readArguments([])).toEqual({ kind: 'run', repeat: 1, load: false, rest: [] });
  expect(readArguments(['--', '--repeat', '3', '--load', '-t', 'F03', 'src/F01'])).toEqual({
    kind: 'run',
    repeat: 3,
    load: true,
    rest: ['-t', 'F03', 'src/F01'],
  });
  expect(readArguments(['--help'])).toEqual({ kind: 'help' });
  for (const times of ['0', 'many', '-1', '1.5']) {
    expect(readArguments(['--repeat', times])).toMatchObject({ kind: 'wrong' });
  }
});

test('busy cores are busy until they are released, and then gone', async () => {
  const busy = keepCoresBusy(2);
  expect(busy.pids).toHaveLength(2);
  const ticks = async (pid: number) =>
    Number((await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ')[11]);
  for (const pid of busy.pids) await eventually(async () => (await ticks(pid)) > 20);
  await busy[Symbol.asyncDispose]();
  for (const pid of busy.pids) expect(await processExists(pid)).toBe(false);
});

test('busy cores are gone when whoever keeps them busy is killed', async () => {
  const program = `
    import { keepCoresBusy } from ${JSON.stringify(import.meta.resolve('./busy-cores.ts'))};
    process.stdout.write(keepCoresBusy(1).pids.join());
    setInterval(() => {}, 1_000);`;
  const owner = spawn(process.execPath, ['--input-type=module', '--eval', program]);
  const pid = await new Promise<number>((resolve) => {
    owner.stdout.once('data', (data) => resolve(Number(data)));
  });
  expect(await processExists(pid)).toBe(true);
  owner.kill('SIGKILL');
  await eventually(async () => !(await processExists(pid)));
});
