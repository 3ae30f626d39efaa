import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  fakeTemporal,
  isRunning,
  makePlayground,
  type Playground,
  runModule,
  until,
} from '../playground.suite.ts';
import { buildWithGo, goBuildFolder } from './go-install.ts';

const GO_INSTALL = JSON.stringify(new URL('./go-install.ts', import.meta.url).href);

describe('the build with Go', () => {
  let machine: Playground;
  let runs: string;
  let executable: string;
  beforeEach(async () => {
    machine = await makePlayground();
    runs = join(machine.folder, 'go-runs');
    executable = join(goBuildFolder(machine.env), 'temporal');
    await writeFile(runs, '');
  });
  afterEach(() => machine[Symbol.asyncDispose]());

  /** Stands in for the minutes of a real build: notes its run, waits, writes what Go would have built. */
  const fakeGo = (wait: string, server = '1.29.1') =>
    machine.program(
      join(machine.bin, 'go'),
      `echo "$$ $*" >> '${runs}'
${wait}
{ echo '#!/bin/sh'; echo 'echo "Server ${server}"'; } > "$GOBIN/temporal"
chmod +x "$GOBIN/temporal"`,
    );
  const builds = async () => (await readFile(runs, 'utf8')).split('\n').filter((line) => line !== '');
  const build = (signal?: AbortSignal) => buildWithGo({ env: machine.env, report: () => {}, signal });
  const buildElsewhere = () =>
    runModule(
      `const { buildWithGo } = await import(${GO_INSTALL});
       console.log(JSON.stringify(await buildWithGo({ env: process.env, report: console.error })));`,
      machine.env,
    );

  test('installs the exact version into a folder that names it', async () => {
    await fakeGo('');
    expect(await build()).toEqual({ executable, serverVersion: '1.29.1' });
    expect(executable).toBe(join(machine.cache, 'temporal-cli-v1.5.1', 'temporal'));
    expect(await builds()).toEqual([expect.stringMatching(/^\d+ install .*\/cli\/cmd\/temporal@v1\.5\.1$/)]);
    expect((await readdir(goBuildFolder(machine.env))).toSorted()).toEqual(['lock', 'temporal']);
  });

  test('two processes at once build once, and both get the program', async () => {
    await fakeGo('sleep 1');
    const both = [buildElsewhere(), buildElsewhere()];
    await Promise.all(both.map((child) => new Promise((done) => child.once('close', done))));
    for (const child of both)
      expect(child.output()).toContain(JSON.stringify({ executable, serverVersion: '1.29.1' }));
    expect(both.filter((child) => child.output().includes('another process is building'))).toHaveLength(1);
    expect(await builds()).toHaveLength(1);
  });

  test('when the builder is killed its build ends, and whoever waits builds instead', async () => {
    await fakeGo(`[ -e '${machine.folder}/fast' ] || sleep 600`);
    const killed = buildElsewhere();
    await until('the first build to run', async () => (await builds()).length === 1);
    const [firstBuild] = await builds();
    // A builder that has come to count the time has put its build under guard.
    await until('the builder to go on', () => killed.output().includes('s so far'));
    await writeFile(join(machine.folder, 'fast'), '');
    const waiting = build();
    killed.kill('SIGKILL');
    expect(await waiting).toEqual({ executable, serverVersion: '1.29.1' });
    expect(await builds()).toHaveLength(2);
    await until(
      'the orphaned build to end',
      async () => !(await isRunning(Number.parseInt(firstBuild ?? '', 10))),
    );
    expect((await readdir(goBuildFolder(machine.env))).toSorted()).toEqual(['lock', 'temporal']);
  });

  test('an abort ends the build and leaves nothing half made', async () => {
    await fakeGo('sleep 600');
    const abort = new AbortController();
    const result = build(abort.signal);
    await until('the build to run', async () => (await builds()).length === 1);
    abort.abort(new Error('enough'));
    await expect(result).rejects.toThrow('enough');
    expect(await readdir(goBuildFolder(machine.env))).toEqual(['lock']);
  });

  test('says how long it has been building', async () => {
    await fakeGo('sleep 6');
    const lines: string[] = [];
    await buildWithGo({ env: machine.env, report: (line) => void lines.push(line), signal: undefined });
    expect(lines).toEqual([
      'building the Temporal CLI v1.5.1 with Go: 2 to 5 minutes, once',
      'building the Temporal CLI, 5 s so far',
      expect.stringMatching(/^the Temporal CLI was built in [67] s$/),
    ]);
  });

  test('a failing Go gives its own words as the reason', async () => {
    await machine.program(join(machine.bin, 'go'), 'echo "go: module lookup disabled" >&2; exit 1');
    const result = await build();
    expect(result).toEqual({
      reason: expect.stringContaining('ended with exit code 1: go: module lookup disabled'),
    });
  });

  test('a build with the wrong server is not kept', async () => {
    await fakeGo('', '1.20.0');
    expect(await build()).toEqual({
      reason: expect.stringContaining('has server 1.20.0, older than the tested 1.29.1'),
    });
    expect(await readdir(goBuildFolder(machine.env))).toEqual(['lock']);
  });

  test('a broken program in the cache is replaced', async () => {
    await machine.program(executable, 'exit 1');
    await fakeGo('');
    expect(await build()).toEqual({ executable, serverVersion: '1.29.1' });
    expect(await readFile(executable, 'utf8')).not.toContain(fakeTemporal('1.29.1'));
  });
});
