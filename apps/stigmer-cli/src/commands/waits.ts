import {
  GetWaitResponseSchema,
  RedeliverWaitResponseSchema,
  type Wait,
  WaitSchema,
  WaitScope,
} from '@token-handshake/proto/tokenhandshake';
import type { Clients } from '../clients.ts';
import { type Output, showList, showOne } from '../output/output.ts';
import { age, durationWord } from '../output/words.ts';
import { pages } from '../pages.ts';

/** Options of `waits list`. */
export interface ListOptions {
  readonly closed?: boolean;
  readonly all?: boolean;
  readonly verdict?: string;
  readonly target?: string;
  readonly limit: number;
}

/** `waits list`: those that are open, unless it is told otherwise. */
export async function listWaits(
  { waits }: Clients,
  output: Output,
  { closed = false, all = false, verdict = '', target = '', limit }: ListOptions,
): Promise<void> {
  const one = closed ? WaitScope.CLOSED : WaitScope.OPEN;
  const scope = all ? WaitScope.UNSPECIFIED : one;
  const found = await pages(async ({ pageToken }) => {
    const { waits: entries, nextPageToken } = await waits.listWaits({ pageToken, scope, verdict, target });
    return { entries, nextPageToken };
  }, limit);
  const now = Date.now();
  showList(output, WaitSchema, found, {
    execution: ({ executionId }: Wait) => executionId,
    state: ({ state }) => state,
    verdict: ({ verdict: newest }) => newest,
    age: (wait) => durationWord(wait.age),
    'last beat': ({ lastBeatAt }) => age(lastBeatAt, now),
    target: (wait) => wait.target,
    caller: ({ caller }) => caller?.workflowId ?? '',
  });
}

/** `waits get`: the wait, its history and its tokens. */
export async function getWait({ waits }: Clients, output: Output, executionId: string): Promise<void> {
  showOne(output, GetWaitResponseSchema, await waits.getWait({ executionId }));
}

/** `waits redeliver`. */
export async function redeliverWait(
  { waits }: Clients,
  output: Output,
  executionId: string,
  { reason = '' }: { readonly reason?: string },
): Promise<void> {
  const answer = await waits.redeliverWait({ executionId, reason });
  if (output.json) showOne(output, RedeliverWaitResponseSchema, answer);
  else {
    const { verdict = '', detail = '' } = answer.delivery ?? {};
    output.result(
      `${executionId}: ${verdict || 'the workflow was woken, and delivers'}${detail && ` (${detail})`}`,
    );
  }
}

/** `waits abandon`. */
export async function abandonWait(
  { waits }: Clients,
  output: Output,
  executionId: string,
  { reason }: { readonly reason: string },
): Promise<void> {
  const { wait } = await waits.abandonWait({ executionId, reason });
  if (output.json && wait) showOne(output, WaitSchema, wait);
  else output.result(`${executionId}: ${wait?.state ?? 'abandoned'}`);
}
