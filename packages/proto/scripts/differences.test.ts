import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { differences } from './differences.ts';

describe('differences', () => {
  let folder: string;
  let committed: string;
  let fresh: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'differences-'));
    [committed, fresh] = [join(folder, 'committed'), join(folder, 'fresh')];
    for (const side of [committed, fresh]) {
      mkdirSync(join(side, 'v1'), { recursive: true });
      writeFileSync(join(side, 'v1', 'same.ts'), 'same');
    }
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  test('are none between equal folders', () => {
    expect(differences(committed, fresh)).toEqual([]);
  });

  test('name what was edited by hand, what is missing and what nothing generates any more', () => {
    writeFileSync(join(committed, 'v1', 'edited.ts'), 'by hand');
    writeFileSync(join(fresh, 'v1', 'edited.ts'), 'generated');
    writeFileSync(join(committed, 'old.ts'), '');
    writeFileSync(join(fresh, 'new.ts'), '');
    expect(differences(committed, fresh)).toEqual([
      'new.ts: missing',
      'old.ts: nothing generates this file',
      `${join('v1', 'edited.ts')}: differs`,
    ]);
  });
});
