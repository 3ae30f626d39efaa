import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { CONCURRENCY } from './bench-options.ts';
import { type Call, makeCall } from './call.ts';
import { type Uses, usedBetween, usesOf } from './process-cost.ts';
import { shapes } from './shapes/index.ts';
import { type ShapeName, shapeNames } from './shapes/shape.ts';
import type { System } from './system.ts';

/** Half of what is under way in a block: enough that caches and code are warm. */
const WARM_UP_CALLS = 25;

const DRAIN_TIMEOUT_MS = 60_000;
const DRAIN_POLL_MS = 50;

/** Many calls of one shape, some of them at a time. */
export interface Block {
  readonly calls: readonly Call[];
  /** From the first request to the last result. */
  readonly ms: number;
  /** What each process used, from the first request until all workflows had closed. */
  readonly uses: Uses;
}

/** The blocks of one shape. */
export interface Blocks {
  readonly warmUp: readonly Block[];
  readonly measured: readonly Block[];
}

/** How many blocks there are, and of how many calls. */
export interface BlockOptions {
  readonly blocks: number;
  readonly blockCalls: number;
}

/**
 * Blocks of calls, {@link CONCURRENCY} at a time: one of each shape for warm-up, then as many as are asked for, in
 * turns, every second turn backwards. Between two blocks, all workflows come to their end.
 *
 * @throws the system's signal's reason
 */
export async function measureBlocks(
  { blocks, blockCalls }: BlockOptions,
  system: System,
  report: (line: string) => void,
): Promise<Readonly<Record<ShapeName, Blocks>>> {
  const warmUp = new Map<ShapeName, Block>();
  const measured = new Map<ShapeName, Block[]>(shapeNames.map((name) => [name, []]));
  report(`blocks of ${blockCalls} calls, ${CONCURRENCY} at a time: warm-up`);
  for (const name of shapeNames) {
    warmUp.set(name, await runBlock(name, Math.min(WARM_UP_CALLS, blockCalls), system));
  }
  for (let turn = 1; turn <= blocks; turn += 1) {
    report(`block ${turn} of ${blocks} of each shape`);
    for (const name of turn % 2 === 1 ? shapeNames : shapeNames.toReversed()) {
      measured.get(name)?.push(await runBlock(name, blockCalls, system));
    }
  }
  const entries = shapeNames.map((name) => [
    name,
    { warmUp: [warmUp.get(name)].filter((block) => block !== undefined), measured: measured.get(name) ?? [] },
  ]);
  return Object.fromEntries(entries) as Record<ShapeName, Blocks>;
}

async function runBlock(name: ShapeName, count: number, { client, pids, signal }: System): Promise<Block> {
  const calls: Call[] = [];
  let left = count;
  const before = await usesOf(pids);
  const startedAt = performance.now();
  const callOneAfterTheOther = async () => {
    while (left > 0) {
      left -= 1;
      calls.push(await makeCall(client, shapes[name], signal));
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, callOneAfterTheOther));
  const ms = performance.now() - startedAt;
  const drained = await drain(client, signal);
  const uses = usedBetween(before, await usesOf(pids));
  if (!drained) calls.push({ kind: 'failed', message: `workflows still run ${DRAIN_TIMEOUT_MS} ms later` });
  return { calls, ms, uses };
}

/** Waits until no workflow runs. @returns false if that takes too long */
async function drain(client: Client, signal: AbortSignal): Promise<boolean> {
  const endsAt = performance.now() + DRAIN_TIMEOUT_MS;
  for (;;) {
    const { count } = await client.workflow.count('ExecutionStatus = "Running"');
    if (count === 0) return true;
    if (performance.now() > endsAt) return false;
    await sleep(DRAIN_POLL_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}
