import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { temporaryFolder } from '@token-handshake/local';
import { CapturedLog } from './captured-log.ts';
import { eventually } from './eventually.ts';
import { assertNothingLeft, processExists } from './leftovers.ts';
import { workflow } from './workflows.ts';

describe('the fixtures', () => {
  test('a process left in the folder of a system is named, ended, and fails the test', async () => {
    await using folder = await temporaryFolder();
    const child = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)'], { cwd: folder.path });
    await once(child, 'spawn');
    const ended = once(child, 'exit');
    await expect(assertNothingLeft({ folder: folder.path, addresses: [] })).rejects.toThrow(
      `process ${child.pid}: ${process.execPath} --eval`,
    );
    await ended;
    expect(await processExists(child.pid as number)).toBe(false);
    await assertNothingLeft({ folder: folder.path, addresses: [] });
  });

  test('a temporary folder is gone at its end, with what is in it', async () => {
    let path: string;
    {
      await using folder = await temporaryFolder();
      path = folder.path;
      expect(existsSync(path)).toBe(true);
    }
    expect(existsSync(path)).toBe(false);
  });

  test('a condition that never comes true fails with its last reason', async () => {
    const check = () => {
      throw new Error('not yet');
    };
    await expect(eventually(check, { timeoutMs: 60, what: 'it' })).rejects.toThrow(
      'expected it to come true within 0.06 s, but it did not; the last try said: not yet',
    );
  });

  test('a line of the log is found by message or field, before and after it is written', async () => {
    const log = new CapturedLog();
    log.add('stigmer', '{"msg":"token received","executionId":"aex_1"}');
    expect((await log.waitFor('stigmer', 'token received')).fields['executionId']).toBe('aex_1');
    const later = log.waitFor('zigflow', (line) => line.fields['callId'] === 'c', { from: log.mark() });
    log.add('zigflow', '{"msg":"resumed","callId":"c"}');
    expect((await later).msg).toBe('resumed');
    log.add('zigflow', 'a line without structure');
    expect((await log.waitFor('zigflow', /without/)).fields).toEqual({});
  });

  test('a document keeps the shape of the tasks that a test writes indented', () => {
    const document = workflow({
      workflowType: 'sample',
      do: `
        - first:
            set: { a: 1 }
      `,
    });
    expect(document.yaml).toBe(
      'document: {"dsl":"1.0.0","taskQueue":"zigflow","workflowType":"sample","version":"1.0.0"}\n' +
        'do:\n  - first:\n      set: { a: 1 }\n',
    );
  });
});
