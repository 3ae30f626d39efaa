import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { processesOf, temporaryFolder } from '@token-handshake/test-kit';

/** Fewer faults than by hand: a process that starts again costs seconds of a small machine. */
const args = ['--calls', '500', '--seed', '102', '--calls-per-fault', '40'];

/** Runs the command as `pnpm chaos` does, with a folder for its temporary files, by which its processes are found. */
async function runChaos(folder: string): Promise<{ readonly code: number | null; readonly output: string }> {
  const main = join(import.meta.dirname, 'main.ts');
  const child = spawn(process.execPath, ['--conditions=@token-handshake/source', main, ...args], {
    env: { ...process.env, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}

test('500 calls under faults: none is lost, doubled, hung or wrong, and nothing leaks', async () => {
  await using folder = await temporaryFolder();
  const { code, output } = await runChaos(folder.path);
  process.stdout.write(`${output}\n`);
  expect(output).toContain('500 of 500 calls');
  expect(output).toContain('no violation');
  expect(code).toBe(0);
  expect(await processesOf(folder.path)).toEqual([]);
}, 1_200_000);
