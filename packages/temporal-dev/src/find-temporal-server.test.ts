import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { TemporalServerNotFoundError } from './errors.ts';
import { type FindOptions, findTemporalServer } from './find-temporal-server.ts';
import { fakeTemporal, makePlayground, type Playground } from './playground.suite.ts';

describe('findTemporalServer', () => {
  let machine: Playground;
  let lines: string[];
  const find = (env: NodeJS.ProcessEnv = {}, options: FindOptions = {}) =>
    findTemporalServer({
      env: { ...machine.env, ...env },
      report: (line) => void lines.push(line),
      ...options,
    });

  beforeEach(async () => {
    machine = await makePlayground();
    lines = [];
  });
  afterEach(() => machine[Symbol.asyncDispose]());

  test('takes TEMPORAL_ADDRESS before anything else', async () => {
    await machine.program(join(machine.bin, 'temporal'), fakeTemporal('1.29.1'));
    expect(await find({ TEMPORAL_ADDRESS: 'temporal.internal:7233' })).toEqual({
      way: 'address',
      address: 'temporal.internal:7233',
    });
    expect(lines).toEqual(['using the Temporal server at temporal.internal:7233 (TEMPORAL_ADDRESS)']);
  });

  test('an empty TEMPORAL_ADDRESS counts as unset', async () => {
    const executable = await machine.program(join(machine.bin, 'temporal'), fakeTemporal('1.30.0'));
    expect(await find({ TEMPORAL_ADDRESS: '' })).toEqual({
      way: 'path',
      executable,
      serverVersion: '1.30.0',
    });
  });

  test('passes over TEMPORAL_ADDRESS when a server of its own is asked for', async () => {
    const executable = await machine.program(join(machine.bin, 'temporal'), fakeTemporal('1.29.1'));
    const found = await find({ TEMPORAL_ADDRESS: 'temporal.internal:7233' }, { ignoreAddress: true });
    expect(found).toEqual({ way: 'path', executable, serverVersion: '1.29.1' });
    expect(lines.join('\n')).toContain('TEMPORAL_ADDRESS: passed over');
  });

  test('names and skips a temporal that is too old, and one that does not run', async () => {
    const old = await machine.program(join(machine.bin, 'temporal'), fakeTemporal('1.28.9'));
    const broken = await machine.program(join(machine.folder, 'broken', 'temporal'), 'exit 3');
    const odd = await machine.program(join(machine.folder, 'odd', 'temporal'), 'echo tctl 1.18');
    const good = await machine.program(join(machine.folder, 'good', 'temporal'), fakeTemporal('1.29.1'));
    const folders = [old, broken, odd, good].map((program) => join(program, '..'));
    expect(await find({ PATH: folders.join(':') })).toMatchObject({ way: 'path', executable: good });
    const without = await find({ PATH: folders.slice(0, 3).join(':') }).catch(
      (error: Error) => error.message,
    );
    expect(without).toContain(`${old} has server 1.28.9, older than the tested 1.29.1`);
    expect(without).toContain(`${broken} does not run: Command failed`);
    expect(without).toContain(`${odd} does not run: expected "--version" to name the server's version`);
    expect(without).toContain('got "tctl 1.18"');
  });

  test('uses what an earlier build left before trying any network, and says why', async () => {
    const old = await machine.program(join(machine.bin, 'temporal'), fakeTemporal('1.20.0'));
    const executable = await machine.program(
      join(machine.cache, 'temporal-cli-v1.5.1', 'temporal'),
      fakeTemporal('1.29.1'),
    );
    expect(await find()).toEqual({ way: 'go', executable, serverVersion: '1.29.1' });
    expect(lines).toEqual([
      `using ${executable}, server 1.29.1 (a build of the CLI with Go)`,
      'not used: TEMPORAL_ADDRESS: it is not set',
      `not used: "temporal" on the PATH: skipped, ${old} has server 1.20.0, older than the tested 1.29.1`,
      expect.stringContaining("not used: the Temporal SDK's download of the CLI: there is no"),
    ]);
  });

  test('ends with one error that names all four ways with their reasons', async () => {
    const error: unknown = await find({ PATH: machine.bin }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TemporalServerNotFoundError);
    const { message, failedWays, code } = error as TemporalServerNotFoundError;
    expect(code).toBe('SERVER_NOT_FOUND');
    expect(failedWays.map(({ name }) => name)).toEqual([
      'TEMPORAL_ADDRESS',
      '"temporal" on the PATH',
      "the Temporal SDK's download of the CLI",
      'a build of the CLI with Go',
    ]);
    expect(message).toContain('1. TEMPORAL_ADDRESS: it is not set');
    expect(message).toContain('2. "temporal" on the PATH: there is none');
    expect(message).toMatch(/3\. the Temporal SDK's download of the CLI: .*failed to download/);
    expect(message).toContain('4. a build of the CLI with Go: there is no "go" on the PATH');
    expect(message).toContain('set TEMPORAL_ADDRESS');
  });

  test('an aborted search rejects with the reason it was aborted for', async () => {
    await expect(find({}, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
  });
});
