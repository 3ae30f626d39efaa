import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type FigureGroup, figureGroups } from './figures.ts';
import { isMeasured } from './merge-results.ts';
import { renderPlot } from './plot.ts';
import { renderScaleReport } from './report.ts';
import { type ScaleResults, scaleResultsSchema } from './scale-results.ts';

const FILE = 'scale.json';

/**
 * Reads what earlier runs left in a folder; undefined when there is nothing.
 *
 * @throws Error when it cannot be read as the results of this version
 */
export async function readScaleResults(folder: string): Promise<ScaleResults | undefined> {
  const file = join(folder, FILE);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return scaleResultsSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new Error(`expected "${file}" to hold results of this version: remove it, or leave out --resume`, {
      cause,
    });
  }
}

/** Writes the results, their report and their plots. A run that dies in between leaves whole files. */
export async function writeScaleResults(folder: string, results: ScaleResults): Promise<void> {
  await mkdir(folder, { recursive: true });
  const write = async (name: string, text: string) => {
    const file = join(folder, name);
    await writeFile(`${file}.new`, text);
    await rename(`${file}.new`, file);
  };
  await write(FILE, `${JSON.stringify(results, undefined, 2)}\n`);
  await write('scale.md', renderScaleReport(results));
  const measured = results.sizes.filter(isMeasured);
  if (measured.length === 0) return;
  for (const group of Object.keys(figureGroups) as FigureGroup[]) {
    await write(`scale-${group}.svg`, renderPlot(group, measured));
  }
}
