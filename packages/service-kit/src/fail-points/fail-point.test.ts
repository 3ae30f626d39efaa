import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createFailPoints, failPoint, failPointsVariable } from './fail-point.ts';
import { type FailPointName, failPointNames } from './fail-point-names.ts';

const run = promisify(execFile);
const names = Object.keys(failPointNames) as FailPointName[];

/** Runs a program that passes a fail point three times. */
async function pass(failPoints: string | undefined): Promise<{ stdout: string; signal: string | null }> {
  const program = `
    import { failPoint } from ${JSON.stringify(import.meta.resolve('./fail-point.ts'))};
    for (const pass of [1, 2, 3]) {
      await failPoint('create-committed');
      process.stdout.write('passed ' + pass + ' ');
    }`;
  const { [failPointsVariable]: _outer, ...env } = process.env;
  const armed = failPoints === undefined ? env : { ...env, [failPointsVariable]: failPoints };
  return run(process.execPath, ['--input-type=module', '--eval', program], { env: armed }).then(
    ({ stdout }) => ({ stdout, signal: null }),
    ({ stdout, signal }: { stdout: string; signal: string }) => ({ stdout, signal }),
  );
}

describe('a fail point', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fail-points-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  test('does nothing unless the environment names it', async () => {
    expect(process.env[failPointsVariable]).toBeUndefined();
    for (const name of names) {
      await failPoint(name);
      await createFailPoints('')(name);
    }
    await createFailPoints(`create-acknowledged=hold:${join(folder, 'go')}`)('create-committed');
    expect(await readdir(folder)).toEqual([]);
    expect(await pass(undefined)).toEqual({ stdout: 'passed 1 passed 2 passed 3 ', signal: null });
    expect(await pass('create-acknowledged=kill')).toMatchObject({ signal: null });
  });

  test('ends its process as kill -9 does, at the pass that is named', async () => {
    expect(await pass('create-committed=kill')).toEqual({ stdout: '', signal: 'SIGKILL' });
    expect(await pass(' create-committed=kill:2; cancel-recorded=kill')).toEqual({
      stdout: 'passed 1 ',
      signal: 'SIGKILL',
    });
  });

  test('holds every pass until its file exists, and says that it does', async () => {
    const file = join(folder, 'go');
    const held = createFailPoints(`create-committed=hold:${file}`);
    let passed = false;
    const passing = held('create-committed').then(() => {
      passed = true;
    });
    expect(existsSync(`${file}.held`)).toBe(true);
    // Another wait of the same kind that is not held is over by then.
    await createFailPoints('')('create-committed');
    expect(passed).toBe(false);
    await writeFile(file, '');
    await passing;
    await held('create-committed');
  });

  test.each([
    ['somewhere=kill', 'names "somewhere"'],
    ['create-committed', 'has "create-committed"'],
    ['create-committed=explode', 'has "create-committed=explode"'],
    ['create-committed=kill:0', 'has "create-committed=kill:0"'],
    ['create-committed=hold', 'has "create-committed=hold"'],
  ])('is refused where it is not understood: %s', (text, message) => {
    expect(() => createFailPoints(text)).toThrow(message);
  });
});
