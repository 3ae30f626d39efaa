import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { temporaryFolder } from '@token-handshake/local';
import Database from 'better-sqlite3';
import { freeze } from './freeze.ts';
import { processExists } from './leftovers.ts';
import { limitFileSize } from './limit-file-size.ts';
import { lockDatabase } from './lock-database.ts';

/** A process that answers each line of its input by running it as JavaScript. */
async function startEvaluator() {
  const program = `
    import { createInterface } from 'node:readline';
    import * as fs from 'node:fs';
    for await (const line of createInterface({ input: process.stdin })) {
      let answer;
      try { answer = String(eval(line)); } catch (error) { answer = error.code ?? error.message; }
      process.stdout.write(answer + '\\n');
    }`;
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(
    process.execPath,
    ['--input-type=module', '--eval', program],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  await once(child, 'spawn');
  return {
    pid: child.pid as number,
    async ask(line: string): Promise<string> {
      child.stdin.write(`${line}\n`);
      const [data] = await once(child.stdout, 'data');
      return String(data).trim();
    },
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

describe('faults of a process', () => {
  test('a frozen process does nothing until it is thawed, and keeps its memory', async () => {
    await using evaluator = await startEvaluator();
    expect(await evaluator.ask('globalThis.x = 7')).toBe('7');
    const frozen = await freeze(evaluator);
    const stat = await readFile(`/proc/${evaluator.pid}/stat`, 'utf8');
    expect(stat).toMatch(/\) T /);
    let answered = false;
    const asked = evaluator.ask('x + 1').then((answer) => {
      answered = true;
      return answer;
    });
    // Another process of the same kind, started later, has answered by then.
    await using other = await startEvaluator();
    expect(await other.ask('1')).toBe('1');
    expect(answered).toBe(false);
    await frozen.thaw();
    expect(await asked).toBe('8');
  });

  test('disposing a frozen process thaws it, and one that is gone needs no thawing', async () => {
    const evaluator = await startEvaluator();
    {
      await using _frozen = await freeze(evaluator);
    }
    expect(await evaluator.ask('1 + 1')).toBe('2');
    const frozen = await freeze(evaluator);
    await evaluator[Symbol.asyncDispose]();
    await frozen.thaw();
  });

  test('a file may not grow beyond the limit of its process, until the limit is lifted', async () => {
    await using folder = await temporaryFolder();
    await using evaluator = await startEvaluator();
    const file = JSON.stringify(join(folder.path, 'file'));
    const append = `(fs.appendFileSync(${file}, 'x'.repeat(3000)), 'written')`;
    expect(await evaluator.ask(append)).toBe('written');
    await limitFileSize(evaluator, 4_000);
    expect(await evaluator.ask(append)).toBe('EFBIG');
    expect(await processExists(evaluator.pid)).toBe(true);
    await limitFileSize(evaluator, 'unlimited');
    expect(await evaluator.ask(append)).toBe('written');
  });

  test('a limit cannot be set without the program for it, or for a process that is gone', async () => {
    const evaluator = await startEvaluator();
    {
      await using running = evaluator;
      await expect(limitFileSize(running, 4_000, { program: 'no-prlimit' })).rejects.toThrow(
        'install the package "util-linux"',
      );
    }
    await expect(limitFileSize(evaluator, 4_000)).rejects.toThrow(`the files of process ${evaluator.pid}`);
  });

  test('a locked database refuses writers and serves readers, until it is released', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'some.db');
    using database = Object.assign(new Database(file, { timeout: 50 }), {
      [Symbol.dispose]: () => database.close(),
    });
    database.pragma('journal_mode = WAL');
    database.exec('create table t (x)');
    const insert = () => database.prepare('insert into t values (1)').run();
    const lock = await lockDatabase(file);
    expect(await processExists(lock.pid)).toBe(true);
    expect(insert).toThrow('database is locked');
    expect(database.prepare('select count(*) n from t').get()).toEqual({ n: 0 });
    await lock.release();
    await lock.release();
    expect(await processExists(lock.pid)).toBe(false);
    expect(insert().changes).toBe(1);
  });

  test('a database that is not there cannot be locked', async () => {
    await expect(lockDatabase('/nowhere/some.db')).rejects.toThrow('to be locked');
  });
});
