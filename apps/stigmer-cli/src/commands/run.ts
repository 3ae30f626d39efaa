import { randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { create } from '@bufbuild/protobuf';
import { type AgentExecution, AgentExecutionSchema } from '@token-handshake/proto/agentexecution';
import type { Clients } from '../clients.ts';
import { CommandError } from '../command-error.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { findAgent } from '../find-agent.ts';
import { follow } from '../follow.ts';
import { isLost } from '../is-lost.ts';
import { type Output, showOne } from '../output/output.ts';

const CREATE_TRIES = 5;
const CREATE_PAUSE_MS = 500;

/** Options of `run`. */
export interface RunOptions {
  /** `-` is standard input. */
  readonly message: string;
  readonly session?: string;
  readonly model?: string;
  readonly env?: readonly string[];
  readonly secret?: readonly string[];
  readonly tag?: readonly string[];
  readonly follow?: boolean;
}

/** `run`: starts an execution; with `--follow` waits for its end and shows how it goes. */
export async function run(
  clients: Clients,
  output: Output,
  name: string,
  options: RunOptions,
  signal: AbortSignal,
): Promise<ExitCode> {
  const message = options.message === '-' ? await text(process.stdin) : options.message;
  const { secret = [], env = [] } = options;
  const runtimeEnv = Object.fromEntries([
    ...env.map((each) => variable('--env', each, false)),
    ...secret.map((each) => variable('--secret', each, true)),
  ]);
  const agent = await findAgent(clients, name);
  const execution = create(AgentExecutionSchema, {
    metadata: { name: `${agent.metadata?.slug}-by-hand`, tags: [...(options.tag ?? [])] },
    spec: {
      agentId: agent.metadata?.id ?? '',
      message,
      runtimeEnv,
      ...(options.session !== undefined && { sessionId: options.session }),
      ...(options.model !== undefined && { executionConfig: { modelName: options.model } }),
    },
  });
  const created = await createOnce(clients, execution);
  const id = created.metadata?.id ?? '';
  if (options.follow === true) return follow(clients, output, id, signal);
  if (output.json) showOne(output, AgentExecutionSchema, created);
  else output.result(id);
  return exitCodes.ok;
}

/** Tries again where the server cannot be reached: by its key the same call is not another run. */
async function createOnce(
  { executionCommands }: Clients,
  execution: AgentExecution,
): Promise<AgentExecution> {
  const headers = { 'idempotency-key': randomUUID() };
  for (let tries = 1; ; tries += 1) {
    try {
      return await executionCommands.create(execution, { headers });
    } catch (error) {
      if (!isLost(error) || tries === CREATE_TRIES) throw error;
      await delay(CREATE_PAUSE_MS * tries);
    }
  }
}

/** `NAME=value`, or `NAME` for what the command's own environment has. */
function variable(
  option: string,
  given: string,
  isSecret: boolean,
): [name: string, { value: string; isSecret: boolean }] {
  const at = given.indexOf('=');
  const name = at < 0 ? given : given.slice(0, at);
  const value = at < 0 ? process.env[given] : given.slice(at + 1);
  if (name !== '' && value !== undefined) return [name, { value, isSecret }];
  throw new CommandError(
    exitCodes.usage,
    `expected ${option} NAME=value, or the NAME of a variable that is set, got "${name}"`,
  );
}
