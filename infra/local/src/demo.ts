import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildServices } from './build.ts';
import { readDocument, startExample } from './demo-run.ts';
import { DemoScreen } from './demo-screen.ts';
import { stepOf } from './demo-story.ts';
import { Interruption, untilAborted, watchInterruptions } from './interruption.ts';
import { repositoryRoot, serviceNames } from './service-name.ts';
import { type Stack, startStack } from './stack.ts';
import { StepOrder } from './step-order.ts';
import { temporaryFolder } from './temporary-folder.ts';

// What `pnpm demo` runs: builds both services, starts them beside a Temporal server, has one workflow wait for an
// agent, and tells what happens. Everything is on free ports and in a temporary folder, and ends with it.

const usage = `pnpm demo [--keep]

Builds both services, starts them and Temporal, and has a workflow wait for an agent.
  --keep   leaves everything running until Ctrl-C, to look at it in Temporal's UI
`;

const example = join(repositoryRoot, 'examples/summarize');
const QUICK_MS = 3_000;
const begunAt = Date.now();
const screen = new DemoScreen(process.stdout);

process.exit(await main());

async function main(): Promise<number> {
  const flags = readFlags();
  if (typeof flags === 'number') return flags;
  const signal = watchInterruptions();
  try {
    await demo(flags.keep, signal);
    // Ctrl-C while the last of it was ending.
    signal.throwIfAborted();
    screen.line(`Everything has ended, after ${since(begunAt)}.`);
    return 0;
  } catch (error) {
    if (signal.aborted && signal.reason instanceof Interruption) {
      screen.line(`Ended early: ${signal.reason.message}. Nothing is left running.`);
      return signal.reason.exitCode;
    }
    process.stderr.write(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

async function demo(keep: boolean, signal: AbortSignal): Promise<void> {
  screen.title('token handshake: a workflow hands its wait to another service, and gets the answer back');
  await build(signal);
  await using folder = await temporaryFolder();
  const broken = new AbortController();
  const ending = AbortSignal.any([signal, broken.signal]);
  using steps = new StepOrder(({ at, who, what }) => screen.step((at - startedAt) / 1_000, who, what));
  let startedAt = Number.POSITIVE_INFINITY;

  await using stack = await start(folder.path, ending, (service, line) => {
    const step = stepOf(service, line);
    if (step !== undefined) steps.add(step);
  });
  void stack.broken.then((what) => broken.abort(new Error(what)));

  const document = await readDocument();
  screen.heading(`The workflow examples/summarize asks an agent to summarize ${document.name}`);
  await using run = await startExample(stack, document, ending);
  startedAt = run.startedAt;
  steps.add({ at: startedAt, who: 'demo', what: `starts the workflow ${run.workflowId}` });
  const answer = await run.result();
  steps.add({ at: Date.now(), who: 'demo', what: 'the workflow has gone on with the answer, and is done' });
  steps.flush();

  screen.heading('The answer');
  screen.quote(answer.summary);
  showLinks(stack, [run.workflowId, answer.execution], keep);
  if (!keep) return;
  screen.line('Everything stays up until Ctrl-C.');
  await untilAborted(ending);
  ending.throwIfAborted();
}

async function build(signal: AbortSignal): Promise<void> {
  const at = Date.now();
  const { built } = await buildServices({
    signal,
    onPackage: (name) => screen.progress(`building ${name} …`),
  });
  screen.fact('build', built === 0 ? 'everything is built already' : `${built} packages in ${since(at)}`);
}

async function start(
  dataDir: string,
  signal: AbortSignal,
  onLine: NonNullable<Parameters<typeof startStack>[0]['onLine']>,
): Promise<Stack> {
  const at = Date.now();
  const stack = await startStack({
    dataDir,
    entry: 'dist',
    agentsDir: join(example, 'agents'),
    workflowsDir: join(example, 'workflows'),
    report: (line) => {
      // Why other ways to a server were not taken is news only to who had to wait for this one.
      if (!line.startsWith('not used') || Date.now() - at > QUICK_MS) screen.progress(line);
    },
    onLine,
    signal,
  });
  const { temporal, addresses } = stack;
  screen.fact(
    'temporal',
    `${temporal.address}${temporal.uiAddress === undefined ? '' : `, UI ${temporal.uiAddress}`}`,
  );
  for (const name of serviceNames) {
    const role = name === 'stigmer' ? 'the callee, runs agents' : 'the caller, runs workflows';
    screen.fact(name, `http://${addresses[name]}, process ${stack.service(name).pid}: ${role}`);
  }
  screen.fact('', `all ready after ${since(at)}`);
  return stack;
}

function showLinks({ temporal }: Stack, [caller, callee]: [string, string], keep: boolean): void {
  screen.heading("Both workflows in Temporal's UI");
  if (temporal.uiAddress === undefined) {
    screen.line(`  on your server ${temporal.address}: ${caller} (caller), ${callee} (callee)`);
    return;
  }
  const link = (id: string) => `${temporal.uiAddress}/namespaces/${temporal.namespace}/workflows/${id}`;
  screen.fact('caller', link(caller));
  screen.fact('callee', link(callee));
  screen.line('');
  if (!keep) screen.line('The links end with this demo. To look around: pnpm demo --keep');
}

function since(at: number): string {
  return `${((Date.now() - at) / 1_000).toFixed(1)} s`;
}

/** The flags, or the exit code of a command line that asks for help or cannot be understood. */
function readFlags(): { readonly keep: boolean } | number {
  try {
    const { values } = parseArgs({
      // pnpm passes on the `--` of `pnpm demo -- --keep`.
      args: process.argv.slice(2).filter((each) => each !== '--'),
      options: { keep: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
    });
    if (!values.help) return { keep: values.keep };
    process.stdout.write(usage);
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return 64;
  }
}
