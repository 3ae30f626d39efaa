import { writeFileSync } from 'node:fs';
import { PAGES } from './pages.ts';

for (const [name, render] of Object.entries(PAGES)) {
  writeFileSync(new URL(`../${name}`, import.meta.url), render());
}
