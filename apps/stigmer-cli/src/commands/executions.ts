import { type AgentExecution, AgentExecutionSchema } from '@token-handshake/proto/agentexecution';
import type { Clients } from '../clients.ts';
import { CommandError } from '../command-error.ts';
import { exitCodes } from '../exit-codes.ts';
import { type Output, showList, showOne } from '../output/output.ts';
import { age, cut, PHASE_WORDS, phaseOf, phaseWord } from '../output/words.ts';
import { pages } from '../pages.ts';

/** Options of `executions list`. */
export interface ListOptions {
  readonly phase?: string;
  readonly session?: string;
  readonly tag?: readonly string[];
  readonly limit: number;
}

/** `executions list`: the newest first. */
export async function listExecutions(
  { executions }: Clients,
  output: Output,
  { phase: word, session, tag = [], limit }: ListOptions,
): Promise<void> {
  const phase = word === undefined ? undefined : phaseOf(word);
  if (word !== undefined && phase === undefined) {
    throw new CommandError(
      exitCodes.usage,
      `expected --phase to be one of ${PHASE_WORDS.join(', ')}, got "${word}"`,
    );
  }
  if (session !== undefined && (phase !== undefined || tag.length > 0)) {
    throw new CommandError(exitCodes.usage, 'expected --session without --phase and --tag');
  }
  const found = await pages(
    ({ pageToken }) =>
      session === undefined
        ? executions.list({ pageToken, tags: [...tag], ...(phase !== undefined && { phase }) })
        : executions.listBySession({ sessionId: session, pageToken }),
    limit,
  );
  const now = Date.now();
  showList(output, AgentExecutionSchema, found, {
    id: ({ metadata }: AgentExecution) => metadata?.id ?? '',
    phase: ({ status }) => phaseWord(status?.phase),
    age: ({ status }) => age(status?.audit?.specAudit?.createdAt, now),
    message: ({ spec }) => cut(spec?.message ?? '', 40),
    output: ({ status }) => cut(status?.output || status?.failure?.message || '', 40),
  });
}

/** `executions get`. */
export async function getExecution({ executions }: Clients, output: Output, id: string): Promise<void> {
  showOne(output, AgentExecutionSchema, await executions.get({ value: id }));
}

/** `executions cancel`. */
export async function cancelExecution(
  { executionCommands }: Clients,
  output: Output,
  id: string,
  { reason = '' }: { readonly reason?: string },
): Promise<void> {
  const execution = await executionCommands.cancel({ executionId: id, reason });
  if (output.json) showOne(output, AgentExecutionSchema, execution);
  else output.result(`${id}: ${phaseWord(execution.status?.phase)}`);
}
