import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { PAGES } from './pages.ts';

test.each(Object.entries(PAGES))(
  'the page %s is what the code says; `pnpm generate` makes it so',
  (name, render) => {
    expect(readFileSync(new URL(`../${name}`, import.meta.url), 'utf8')).toBe(render());
  },
);
