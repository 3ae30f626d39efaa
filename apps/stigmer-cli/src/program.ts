import tab from '@bomb.sh/tab/commander';
import { Command, InvalidArgumentError } from 'commander';
import { type Clients, connect } from './clients.ts';
import { applyAgents, getAgent, listAgents } from './commands/agents.ts';
import { cancelExecution, getExecution, listExecutions } from './commands/executions.ts';
import { type RunOptions, run } from './commands/run.ts';
import { getSession, listSessions } from './commands/sessions.ts';
import { abandonWait, getWait, listWaits, redeliverWait } from './commands/waits.ts';
import { type Connection, type GlobalOptions, readConnection } from './connection.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { follow } from './follow.ts';
import type { Output } from './output/output.ts';
import { PHASE_WORDS } from './output/words.ts';

const DEFAULT_LIMIT = 50;

/** What a program runs in. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  /** Ctrl-C. */
  readonly signal: AbortSignal;
  output(json: boolean): Output;
  /** Told where the server is, once that is known. */
  onConnection(connection: Connection): void;
  onEnd(exitCode: ExitCode): void;
}

type Work = (clients: Clients, output: Output) => Promise<ExitCode> | Promise<void>;

/** The command line `stigmer`. */
export function program(surroundings: Surroundings): Command {
  const stigmer = new Command('stigmer')
    .description('Agents, executions, sessions and waits of a Stigmer server.')
    .option('-e, --endpoint <url>', 'where the server is (STIGMER_ENDPOINT, http://127.0.0.1:50051)')
    .option('--api-key-file <file>', 'what it is shown (STIGMER_API_KEY)')
    .option('--config <file>', 'config file (STIGMER_CONFIG, ~/.config/stigmer/config.yaml)')
    .option('--json', 'results for programs: one JSON value a line')
    .exitOverride()
    .showHelpAfterError('(stigmer --help says more)');
  const does = async (work: Work) => {
    const options = stigmer.opts<GlobalOptions>();
    const connection = await readConnection(options, surroundings.env);
    surroundings.onConnection(connection);
    using clients = connect(connection);
    surroundings.onEnd((await work(clients, surroundings.output(options.json === true))) ?? exitCodes.ok);
  };
  addAgents(stigmer, does);
  addRun(stigmer, does, surroundings.signal);
  addExecutions(stigmer, does, surroundings.signal);
  addSessions(stigmer, does);
  addWaits(stigmer, does);
  tab(stigmer);
  return stigmer;
}

type Does = (work: Work) => Promise<void>;

function addAgents(stigmer: Command, does: Does): void {
  const agents = stigmer.command('agents').description('definitions of agents');
  agents
    .command('apply <file...>')
    .description('create or replace the agents of YAML files')
    .action((files: string[]) => does((clients, output) => applyAgents(clients, output, files)));
  agents
    .command('list')
    .description('all agents')
    .action(() => does(listAgents));
  agents
    .command('get <agent>')
    .description('one agent, by slug, org/slug or id')
    .action((name: string) => does((clients, output) => getAgent(clients, output, name)));
}

function addRun(stigmer: Command, does: Does, signal: AbortSignal): void {
  stigmer
    .command('run <agent>')
    .description('run an agent; prints the id of the execution, or with --follow its answer')
    .requiredOption('-m, --message <text>', 'what it is asked; - reads standard input')
    .option('-f, --follow', 'wait for the end and show how it goes')
    .option('-s, --session <id>', 'the conversation that it continues')
    .option('--model <name>', 'the model to use')
    .option('--env <name=value>', 'a variable of the run; without a value, that of this shell', collect)
    .option('--secret <name=value>', 'the same, never shown or stored in clear', collect)
    .option('--tag <tag>', 'a tag of the execution', collect)
    .action((name: string, options: RunOptions) =>
      does((clients, output) => run(clients, output, name, options, signal)),
    );
}

function addExecutions(stigmer: Command, does: Does, signal: AbortSignal): void {
  const executions = stigmer.command('executions').description('runs of agents');
  executions
    .command('list')
    .description('the newest first')
    .option('--phase <phase>', PHASE_WORDS.join(', '))
    .option('--session <id>', 'those of one session')
    .option('--tag <tag>', 'those that carry all of these tags', collect)
    .option('--limit <n>', 'how many at most', wholeNumber, DEFAULT_LIMIT)
    .action((options) => does((clients, output) => listExecutions(clients, output, options)));
  executions
    .command('get <id>')
    .description('one execution, whole')
    .action((id: string) => does((clients, output) => getExecution(clients, output, id)));
  executions
    .command('watch <id>')
    .description('follow one execution to its end, and print its answer')
    .action((id: string) => does((clients, output) => follow(clients, output, id, signal)));
  executions
    .command('cancel <id>')
    .description('ask one execution to end')
    .option('--reason <text>', 'shown to the one who waits')
    .action((id: string, options) =>
      does((clients, output) => cancelExecution(clients, output, id, options)),
    );
}

function addSessions(stigmer: Command, does: Does): void {
  const sessions = stigmer.command('sessions').description('conversations with agents');
  sessions
    .command('list')
    .description('the newest first')
    .option('--tag <tag>', 'those that carry all of these tags', collect)
    .option('--limit <n>', 'how many at most', wholeNumber, DEFAULT_LIMIT)
    .action((options) => does((clients, output) => listSessions(clients, output, options)));
  sessions
    .command('get <id>')
    .description('what was said in one session')
    .action((id: string) => does((clients, output) => getSession(clients, output, id)));
}

function addWaits(stigmer: Command, does: Does): void {
  const waits = stigmer.command('waits').description('callers that wait for an execution; for operators');
  waits
    .command('list')
    .description('the open ones')
    .option('--closed', 'the closed ones instead')
    .option('--all', 'both')
    .option('--verdict <verdict>', 'those whose newest verdict is this')
    .option('--target <target>', 'those of one target')
    .option('--limit <n>', 'how many at most', wholeNumber, DEFAULT_LIMIT)
    .action((options) => does((clients, output) => listWaits(clients, output, options)));
  waits
    .command('get <execution>')
    .description('one wait with its history and tokens')
    .action((id: string) => does((clients, output) => getWait(clients, output, id)));
  waits
    .command('redeliver <execution>')
    .description('deliver the outcome again')
    .option('--reason <text>', 'for the log')
    .action((id: string, options) => does((clients, output) => redeliverWait(clients, output, id, options)));
  waits
    .command('abandon <execution>')
    .description('give the caller up: nobody is told any more')
    .requiredOption('--reason <text>', 'for the log')
    .action((id: string, options) => does((clients, output) => abandonWait(clients, output, id, options)));
}

function collect(value: string, all: readonly string[] = []): string[] {
  return [...all, value];
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new InvalidArgumentError('expected a whole number, at least 1');
}
