import { spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Connection } from '@temporalio/client';
import { fakeTemporal, makePlayground, type Playground, realTemporal, until } from './playground.suite.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

describe('the command temporal-dev', () => {
  let machine: Playground;
  beforeEach(async () => {
    machine = await makePlayground();
  });
  afterEach(() => machine[Symbol.asyncDispose]());

  const command = (args: string[], env: NodeJS.ProcessEnv = {}) => {
    const child = spawn(process.execPath, [MAIN, ...args], {
      env: { ...machine.env, ...env },
      cwd: machine.folder,
    });
    const output = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk) => {
      output.stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      output.stderr += chunk;
    });
    const ended = new Promise<number | null>((done) => {
      child.once('close', done);
    });
    return { child, output, ended };
  };

  test('find prints the way and the program, and tells the rest on standard error', async () => {
    const executable = await machine.program(join(machine.bin, 'temporal'), fakeTemporal('1.29.1'));
    const { ended, output } = command(['find']);
    expect(await ended).toBe(0);
    expect(output.stdout).toBe(`path ${executable} 1.29.1\n`);
    expect(output.stderr).toContain('not used: TEMPORAL_ADDRESS: it is not set');
  });

  test('find without any way ends with 69 and the reasons', async () => {
    const { ended, output } = command(['find'], { PATH: machine.bin });
    expect(await ended).toBe(69);
    expect(output.stdout).toBe('');
    expect(output.stderr).toContain('No Temporal server could be found');
  });

  test('an unknown command and a bad port end with 64', async () => {
    await machine.program(join(machine.bin, 'temporal'), fakeTemporal('1.29.1'));
    const unknown = command(['run']);
    expect(await unknown.ended).toBe(64);
    expect(unknown.output.stderr).toContain('temporal-dev start');
    const port = command(['start'], { TEMPORAL_PORT: '99999' });
    expect(await port.ended).toBe(64);
    expect(port.output.stderr).toContain('expected TEMPORAL_PORT to be a port from 0 to 65535, got "99999"');
  });

  test.each(['SIGINT', 'SIGTERM'] as const)(
    'start serves, with its data in .data, until %s',
    async (signal) => {
      const path = `${join(await realTemporal(), '..')}:${machine.env['PATH']}`;
      const { child, ended, output } = command(['start'], {
        PATH: path,
        TEMPORAL_PORT: '0',
        TEMPORAL_UI_PORT: '0',
      });
      await until('the address to be printed', () => output.stdout.includes('\n'));
      const [, address, ui] = /^Temporal (\S+), namespace default, UI (http\S+)\n$/.exec(output.stdout) ?? [];
      const connection = await Connection.connect({ address: address ?? '' });
      await connection.close();
      expect((await fetch(ui ?? '')).status).toBe(200);
      expect((await readdir(join(machine.folder, '.data'))).toSorted()).toEqual(
        expect.arrayContaining(['temporal.db', 'temporal.log']),
      );
      child.kill(signal);
      expect(await ended).toBe(0);
      await expect(fetch(ui ?? '')).rejects.toThrow();
    },
  );

  test('start tells when the server ends by itself', async () => {
    const real = await realTemporal();
    const pidFile = join(machine.folder, 'pid');
    await machine.program(join(machine.bin, 'temporal'), `echo $$ > '${pidFile}'; exec '${real}' "$@"`);
    const { ended, output } = command(['start'], { TEMPORAL_PORT: '0', TEMPORAL_UI_PORT: '0' });
    await until('the server to serve', () => output.stdout.includes('Temporal 127.0.0.1'));
    process.kill(Number(await readFile(pidFile, 'utf8')), 'SIGKILL');
    expect(await ended).toBe(69);
    expect(output.stderr).toContain('ended by itself, with signal SIGKILL');
  });

  test('start with TEMPORAL_ADDRESS starts nothing, and can be interrupted while it waits', async () => {
    const { child, ended, output } = command(['start'], { TEMPORAL_ADDRESS: '127.0.0.1:9' });
    await until('the address to be told', () => output.stderr.includes('127.0.0.1:9 (TEMPORAL_ADDRESS)'));
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    expect(output.stdout).toBe('');
  });
});
