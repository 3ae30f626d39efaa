import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { repositoryRoot } from './service-name.ts';

// docs/configuration.md is made from the code that reads the settings, and held equal to it by a check of its own.
const examples = [
  ['stigmer-server', 'infra/stigmer-server/stigmer-server.env.example'],
  ['zigflow-worker', 'infra/zigflow-worker/zigflow-worker.env.example'],
] as const;

describe('the example environment file', () => {
  test.each(examples)('of %s names every setting, and no other', async (app, file) => {
    const text = await readFile(join(repositoryRoot, file), 'utf8');
    const names = [...text.matchAll(/^#?([A-Z][A-Z0-9_]*)=/gm)].map((match) => match[1] ?? '');
    const own = names.filter((name) => !name.startsWith('ZIGGY_'));
    expect(own.toSorted()).toEqual((await documentedSettings(app)).toSorted());
  });
});

/** The variables in the section of docs/configuration.md that has the app's name in its heading. */
async function documentedSettings(app: string): Promise<string[]> {
  const page = await readFile(join(repositoryRoot, 'docs/configuration.md'), 'utf8');
  const section = page.split(/^## /m).find((part) => part.split('\n', 1)[0]?.includes(app));
  if (section === undefined) throw new Error(`expected docs/configuration.md to have a section on "${app}"`);
  return [...section.matchAll(/^\| `([A-Z][A-Z0-9_]*)`\s*\|/gm)].map((match) => match[1] ?? '');
}
