import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { countsWrites, useOf } from './process-cost.ts';

const onLinux = process.platform === 'linux';

test('a process that computes and writes is told by its times and bytes, where the platform tells them', async () => {
  const folder = await mkdtemp(join(process.cwd(), '.cost-'));
  const program = `
    const { writeFileSync, openSync, fsyncSync } = require('node:fs');
    const file = openSync(${JSON.stringify(join(folder, 'file'))}, 'w');
    const endsAt = performance.now() + 10_000;
    while (process.cpuUsage().user < 200_000 && performance.now() < endsAt);
    writeFileSync(file, Buffer.alloc(1_000_000, 1));
    fsyncSync(file);
    console.log('done');
    setInterval(() => {}, 1_000);`;
  const child = spawn(process.execPath, ['--eval', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    await once(child.stdout, 'data');
    const { cpuMs, writtenBytes } = await useOf(child.pid ?? 0);
    if (onLinux) expect(cpuMs).toBeGreaterThanOrEqual(190);
    else expect(cpuMs).toBeNull();
    if (writtenBytes !== null && (await countsWrites(folder))) {
      expect(writtenBytes).toBeGreaterThanOrEqual(1_000_000);
    }
  } finally {
    child.kill('SIGKILL');
    await once(child, 'close');
    await rm(folder, { recursive: true });
  }
});

test('of a process that is gone nothing is known', async () => {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await once(child, 'close');
  expect(await useOf(child.pid ?? 0)).toEqual({ cpuMs: null, writtenBytes: null });
});

test('writes into memory are not counted as written', async () => {
  expect(await countsWrites(onLinux ? '/dev/shm' : tmpdir())).toBe(false);
});
