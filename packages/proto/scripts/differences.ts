import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** One line for each file that is in one folder only, or differs between the two. */
export function differences(committed: string, fresh: string): string[] {
  const before = filesIn(committed);
  const after = filesIn(fresh);
  const found: string[] = [];
  for (const path of new Set([...before.keys(), ...after.keys()])) {
    const [old, made] = [before.get(path), after.get(path)];
    if (made === undefined) {
      found.push(`${path}: nothing generates this file`);
    } else if (old === undefined) {
      found.push(`${path}: missing`);
    } else if (old !== made) {
      found.push(`${path}: differs`);
    }
  }
  return found.sort();
}

function filesIn(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return new Map(
    files.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [relative(folder, path), readFileSync(path, 'utf8')];
    }),
  );
}
