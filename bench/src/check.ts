import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { failuresIn } from './failures.ts';
import { type Results, resultsSchema } from './results.ts';
import { readScaleResults } from './scale/results-file.ts';
import type { ScaleResults } from './scale/scale-results.ts';
import { checkScale, renderCheck, stateOfCheck } from './scale/targets.ts';
import { meets, type Target, targets } from './targets.ts';

/** What comparing results with the targets came to. */
export interface Check {
  /** 0 when every target is met, 1 when one is missed, 2 when the results do not allow to say. */
  readonly exitCode: 0 | 1 | 2;
  readonly lines: readonly string[];
}

/** Compares the results in a folder with the targets: those of a run, and those of a run with `--scale` if there was one. */
export async function checkFolder(folder: string): Promise<Check> {
  const checks = [await checkResults(folder), await checkScaleResults(folder)];
  return {
    exitCode: Math.max(...checks.map(({ exitCode }) => exitCode)) as Check['exitCode'],
    lines: checks.flatMap(({ lines }) => lines),
  };
}

async function checkScaleResults(folder: string): Promise<Check> {
  let results: ScaleResults | undefined;
  try {
    results = await readScaleResults(folder);
  } catch (error) {
    return { exitCode: 2, lines: [error instanceof Error ? error.message : String(error)] };
  }
  if (results === undefined) {
    return {
      exitCode: 0,
      lines: ['scale: not measured, run `pnpm bench --scale` for its targets (not required)'],
    };
  }
  const missed = checkScale(results).filter((each) => stateOfCheck(each) !== 'met');
  const unknown = missed.some((each) => stateOfCheck(each) === 'unknown');
  return { exitCode: unknown ? 2 : missed.length > 0 ? 1 : 0, lines: missed.map(renderCheck) };
}

async function checkResults(folder: string): Promise<Check> {
  const file = join(folder, 'results.json');
  let given: unknown;
  try {
    given = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    const reason = error instanceof SyntaxError ? error.message : (error as NodeJS.ErrnoException).code;
    return {
      exitCode: 2,
      lines: [`no results: "${file}" cannot be read (${reason}): run \`pnpm bench\` first`],
    };
  }
  return check(given);
}

/** Compares what `results.json` says with the targets. */
export function check(given: unknown): Check {
  const parsed = resultsSchema.safeParse(given);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `${z.core.toDotPath(issue.path)}: ${issue.message}`);
    return { exitCode: 2, lines };
  }
  const results = parsed.data;
  const unknown = targets.filter((target) => target.kind === 'required' && target.figureOf(results) === null);
  const untold = [
    ...failuresIn(results),
    ...unknown.map(({ key }) => `${key}: not known, nothing to compare`),
  ];
  if (untold.length > 0) return { exitCode: 2, lines: untold };

  const missed = targets.filter((target) => !meets(target, target.figureOf(results) ?? Number.NaN));
  const required = missed.filter(({ kind }) => kind === 'required');
  // One line for each figure: who misses the target misses the aim as well.
  const aims = missed.filter(({ kind, key }) => kind === 'aim' && !required.some((each) => each.key === key));
  const lines = [...required, ...aims].map((target) => describe(target, results));
  return { exitCode: required.length > 0 ? 1 : 0, lines };
}

function describe({ key, bound, value, kind, figureOf }: Target, results: Results): string {
  const figure = figureOf(results)?.toFixed(3) ?? 'unknown';
  return kind === 'required'
    ? `${key}: ${figure}, expected ${bound} ${value}`
    : `${key}: ${figure}, the aim is ${bound} ${value} (not required)`;
}
