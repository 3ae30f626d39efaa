import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { type Mutant, readMutants } from './mutant.ts';

// What `pnpm test:mutants` runs: the product is broken on purpose, one way at a time, in a checkout of its own, and
// the rows that should notice are run against it. A mutant that turns no row red is a gap in the tests.

const run = promisify(execFile);
const REPOSITORY = join(import.meta.dirname, '../../..');

const usage = `pnpm test:mutants [--only NAME …] [--list]

  --only NAME   only mutants whose name contains NAME; may be given more than once
  --list        names the mutants, and runs nothing
`;

process.exit(await main());

async function main(): Promise<number> {
  const options = readOptions();
  if (options === undefined) return 64;
  const all = await readMutants();
  const { only } = options;
  const mutants = all.filter(({ name }) => only.length === 0 || only.some((part) => name.includes(part)));
  if (options.list) {
    for (const { name, what, rows } of mutants)
      process.stdout.write(`${name}: ${what} (${rows.join(' ')})\n`);
    return 0;
  }
  if (mutants.length === 0) {
    process.stderr.write(
      `expected --only to name a mutant; there are ${all.map(({ name }) => name).join(', ')}\n`,
    );
    return 64;
  }
  const results: Result[] = [];
  await withCheckout(async (checkout) => {
    for (const mutant of mutants) {
      process.stderr.write(`${mutant.name}: ${mutant.what}\n`);
      const result = await tryMutant(checkout, mutant);
      process.stderr.write(`  red: ${result.red.join(' ') || 'none'} of ${mutant.rows.join(' ')}\n`);
      results.push(result);
    }
  });
  process.stdout.write(`${table(results)}\n`);
  const gaps = results.filter(({ red }) => red.length === 0);
  process.stdout.write(`${results.length - gaps.length} noticed, ${gaps.length} not\n`);
  return gaps.length === 0 ? 0 : 1;
}

function readOptions(): { readonly only: readonly string[]; readonly list: boolean } | undefined {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: 'string', multiple: true },
        list: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
    if (!values.help) return { only: values.only ?? [], list: values.list ?? false };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  }
  process.stderr.write(usage);
  return undefined;
}

interface Result {
  readonly mutant: Mutant;
  readonly red: readonly string[];
  readonly green: readonly string[];
}

/** A worktree of what is committed, with its dependencies. */
async function withCheckout(work: (folder: string) => Promise<void>): Promise<void> {
  const parent = await mkdtemp(join(tmpdir(), 'mutants-'));
  const folder = join(parent, 'checkout');
  await run('git', ['worktree', 'add', '--detach', folder, 'HEAD'], { cwd: REPOSITORY });
  try {
    await run('pnpm', ['install', '--frozen-lockfile', '--prefer-offline'], { cwd: folder });
    await work(folder);
  } finally {
    await run('git', ['worktree', 'remove', '--force', folder], { cwd: REPOSITORY });
    await rm(parent, { recursive: true, force: true });
  }
}

async function tryMutant(checkout: string, mutant: Mutant): Promise<Result> {
  await run('git', ['apply', mutant.file], { cwd: checkout });
  try {
    const report = join(checkout, 'mutant-report.json');
    await rm(report, { force: true });
    await runRows(checkout, mutant.rows, report);
    const results = rowsOf(JSON.parse(await readFile(report, 'utf8')) as JestReport);
    const ofMutant = [...results].filter(([row]) => mutant.rows.includes(row));
    const missing = mutant.rows.filter((row) => !results.has(row));
    if (missing.length > 0) throw new Error(`expected tests for ${missing.join(', ')}, but none ran`);
    return {
      mutant,
      red: ofMutant.filter(([, passed]) => !passed).map(([row]) => row),
      green: ofMutant.filter(([, passed]) => passed).map(([row]) => row),
    };
  } finally {
    await run('git', ['checkout', '--', '.'], { cwd: checkout });
  }
}

/** A red run is what is hoped for, so the exit code says nothing here: the report does. */
function runRows(checkout: string, rows: readonly string[], report: string): Promise<void> {
  const pattern = `(^|\\s)(${rows.join('|')})(\\s|$)`;
  const jest = ['--testNamePattern', pattern, '--json', '--outputFile', report];
  return new Promise((resolve, reject) => {
    const child = spawn('pnpm', ['--filter', '@token-handshake/faults', 'run', 'test', ...jest], {
      cwd: checkout,
      stdio: ['ignore', 'ignore', 'ignore'],
    });
    child.once('error', reject);
    child.once('exit', () => resolve());
  });
}

interface JestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/** Whether all tests of a row passed. A row may be several tests. */
function rowsOf({ testResults }: JestReport): Map<string, boolean> {
  const rows = new Map<string, boolean>();
  for (const { assertionResults, message } of testResults) {
    if (assertionResults.length === 0 && message !== '')
      throw new Error(`a test file did not run:\n${message}`);
    for (const { fullName, status } of assertionResults) {
      if (status !== 'passed' && status !== 'failed') continue;
      for (const row of fullName.match(/\bF\d{2}\b/g) ?? []) {
        rows.set(row, (rows.get(row) ?? true) && status === 'passed');
      }
    }
  }
  return rows;
}

function table(results: readonly Result[]): string {
  const head = ['| mutant | what is broken | red | green |', '|---|---|---|---|'];
  const lines = results.map(
    ({ mutant, red, green }) =>
      `| ${mutant.name} | ${mutant.what} | ${red.join(' ') || '**none**'} | ${green.join(' ')} |`,
  );
  return [...head, ...lines].join('\n');
}
