/**
 * Makes the wire types as they are now the released ones: part of a release, and of nothing else.
 * `check:proto` compares against this image, so that what a release had can never be broken later.
 */
import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { buf, excludeVendored, releasedImage, root } from './buf.ts';

const image = join(root, releasedImage);
const next = `${image}.next.binpb`;

const compatible =
  !existsSync(image) || buf('breaking', 'proto', '--against', releasedImage, ...excludeVendored);
if (!compatible) {
  console.error(
    'Expected wire types that the last release stays compatible with, got the changes above: a breaking change needs a new package version beside the old one',
  );
  process.exitCode = 1;
} else if (buf('lint', 'proto') && buf('build', 'proto', '--exclude-source-info', '--output', next)) {
  renameSync(next, image);
  console.log(`${releasedImage} holds the wire types as they are now: commit it with the release`);
} else {
  process.exitCode = 1;
}
