import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { eventually } from '@token-handshake/test-kit';
import { readClock, usageOf } from './process-usage.ts';

test('a process that computes is seen to use memory and time', async () => {
  const child = spawn(process.execPath, ['-e', 'const kept = Buffer.alloc(64e6, 1); for (;;) kept.fill(2);']);
  try {
    const { residentBytes } = await eventually(async () => {
      const usage = await usageOf(child.pid ?? 0);
      return usage.cpuMs >= 100 && usage.residentBytes > 64e6 ? usage : undefined;
    });
    expect(residentBytes).toBeLessThan(1e9);
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

test('a process that is gone is an error', async () => {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  await expect(usageOf(child.pid ?? 0)).rejects.toThrow();
});

test('times are read in all the forms in which they are shown', () => {
  expect(['0:01.25', '01:02:03', '2-00:00:01'].map(readClock)).toEqual([1_250, 3_723_000, 172_801_000]);
});
