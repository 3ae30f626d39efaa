import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const source = fileURLToPath(new URL('..', import.meta.url));

/** Packages that workflow code may run; of others it may only use types. */
const packages = ['@temporalio/workflow', '@token-handshake/core/workflow', '@token-handshake/proto'];

/** Pure modules beside the workflows: no clock, no chance, no I/O, nothing that another release of a library decides. */
const modules = [
  'activities/contract.ts',
  'document/agent-call.ts',
  'document/duration.ts',
  'expression/evaluate-paths.ts',
  'expression/expression.ts',
];

const IMPORT = /^(?:import|export)(?<type> type)?\s+(?<names>[^;]*?)\s*from '(?<from>[^']+)';$/gms;

/** What a module imports at run time. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(source, file), 'utf8');
  return [...text.matchAll(IMPORT)]
    .map((match) => match.groups ?? {})
    .filter(({ type, names = '' }) => type === undefined && !isTypesOnly(names))
    .map(({ from = '' }) => from);
}

/** `{ type A, type B }` */
function isTypesOnly(names: string): boolean {
  const inner = /^\{(.*)\}$/s.exec(names)?.[1];
  if (inner === undefined) return false;
  return inner
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
    .every((name) => name.startsWith('type '));
}

test('workflow code runs only what the fence lets in', () => {
  const seen = new Set<string>();
  const found = new Set<string>();
  const visit = (file: string) => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const from of importsOf(file)) {
      if (from.startsWith('.')) visit(relative(source, join(source, dirname(file), from)));
      else found.add(from);
    }
  };
  visit('workflows/index.ts');
  expect([...found].filter((from) => !packages.includes(from))).toEqual([]);
  expect(
    [...seen].filter((file) => !file.startsWith('workflows/') && file !== 'failure-types.ts').sort(),
  ).toEqual(modules);
});

test('the fence’s modules use no clock and no chance', () => {
  for (const file of modules) {
    expect(readFileSync(join(source, file), 'utf8')).not.toMatch(
      /Date|Math\.random|process\.|setTimeout|crypto/,
    );
  }
});
