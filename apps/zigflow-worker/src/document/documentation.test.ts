import { readFile } from 'node:fs/promises';
import { afterAll, expect, test } from '@jest/globals';
import { createJqEngine } from '../expression/jq-engine.ts';
import { loadFolder, validateText } from './load-documents.ts';

const repository = new URL('../../../../', import.meta.url);
const engine = createJqEngine();
afterAll(() => engine.close());

const head = 'document: { dsl: 1.0.0, taskQueue: q, workflowType: w, version: 1.0.0 }\ndo:\n';

test('every piece of YAML on the page about workflows is valid', async () => {
  const page = await readFile(new URL('docs/workflows.md', repository), 'utf8');
  const pieces = [...page.matchAll(/```yaml\n(.*?)```/gs)].map((match) => match[1] ?? '');
  expect(pieces.length).toBeGreaterThan(3);
  for (const piece of pieces) {
    const text = piece.startsWith('document:') ? piece : `${head}${piece.replace(/^/gm, '  ')}`;
    expect(await validateText('docs/workflows.md', text, engine)).toMatchObject({ problems: [] });
  }
});

test('the workflows of the examples are valid', async () => {
  const { documents, problems } = await loadFolder(
    new URL('examples/summarize/workflows', repository).pathname,
    engine,
  );
  expect(problems).toEqual([]);
  expect(documents.map(({ workflowType, taskQueue }) => [workflowType, taskQueue])).toEqual([
    ['summarize', 'zigflow'],
  ]);
});
