import { spawnSync } from 'node:child_process';
import { delimiter, join } from 'node:path';

/** The repository's root: paths in buf's configuration are relative to it. */
export const root = join(import.meta.dirname, '../../..');

/** What the last release's wire types were. Only `release-image.ts` writes it. */
export const releasedImage = 'proto/released.binpb';

/** The vendored field rules come from their own project: nothing of ours, so nothing to check. */
export const excludeVendored = ['--exclude-path', 'proto/third_party/protovalidate/buf'];

const binaries = join(import.meta.dirname, '../node_modules/.bin');

/** Runs `buf` at the repository's root, its output shown; answers whether it succeeded. */
export function buf(...args: string[]): boolean {
  const { status, error } = spawnSync(join(binaries, 'buf'), args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    // buf looks for the generator's plugin on the PATH.
    env: { ...process.env, PATH: `${binaries}${delimiter}${process.env['PATH'] ?? ''}` },
  });
  if (error !== undefined) {
    throw new Error('Expected buf to run: install the dependencies with `pnpm install`', { cause: error });
  }
  return status === 0;
}
