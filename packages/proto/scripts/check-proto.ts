/**
 * What holds the contract together, without a network:
 *
 * 1. the `.proto` files are formatted and pass the lint rules;
 * 2. nothing that the last release had has been removed or changed;
 * 3. the committed generated code is what the generator makes of them.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buf, excludeVendored, releasedImage, root } from './buf.ts';
import { differences } from './differences.ts';

const generated = 'packages/proto/src/gen';

const checks: [name: string, passes: () => boolean, remedy: string][] = [
  [
    'format',
    () => buf('format', 'proto', '--diff', '--exit-code', ...excludeVendored),
    'run `buf format -w`',
  ],
  ['lint', () => buf('lint', 'proto'), 'an exception needs its reason in proto/buf.yaml'],
  [
    'breaking',
    () => buf('breaking', 'proto', '--against', releasedImage, ...excludeVendored),
    'released fields, names and methods stay; add new ones beside them',
  ],
  ['generated code', generatedCodeIsCurrent, 'run `pnpm generate` and commit what it changes'],
];

for (const [name, passes, remedy] of checks) {
  const passed = passes();
  console.log(`${passed ? 'ok' : 'FAILED'}  ${name}${passed ? '' : `: ${remedy}`}`);
  process.exitCode ||= passed ? 0 : 1;
}

function generatedCodeIsCurrent(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'token-handshake-proto-'));
  try {
    if (!buf('generate', '--template', 'proto/buf.gen.yaml', '--output', folder)) {
      return false;
    }
    const found = differences(join(root, generated), join(folder, generated));
    for (const difference of found) {
      console.log(`${generated}/${difference}`);
    }
    return found.length === 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
