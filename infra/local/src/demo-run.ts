import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { untilAborted } from './interruption.ts';
import { repositoryRoot } from './service-name.ts';
import type { Stack } from './stack.ts';

/** What the example workflow answers. */
export interface Summary {
  readonly title: string;
  readonly summary: string;
  /** Id of the callee's execution, and of its workflow. */
  readonly execution: string;
}

/** A run of the example workflow, started and not yet awaited. */
export interface ExampleRun extends AsyncDisposable {
  readonly workflowId: string;
  readonly startedAt: number;
  /** @throws WorkflowFailedError, or the signal's reason. */
  result(): Promise<Summary>;
}

/** The document that the example has summarized. */
export async function readDocument(): Promise<{ readonly name: string; readonly text: string }> {
  const name = 'README.md';
  return { name, text: await readFile(join(repositoryRoot, name), 'utf8') };
}

/** Starts the example workflow on a document. */
export async function startExample(
  { temporal }: Stack,
  document: { readonly name: string; readonly text: string },
  signal: AbortSignal,
): Promise<ExampleRun> {
  const connection = await Connection.connect({ address: temporal.address });
  try {
    const client = new Client({ connection, namespace: temporal.namespace });
    const workflowId = `summarize-${randomBytes(3).toString('hex')}`;
    const startedAt = Date.now();
    const handle = await client.workflow.start<(input: unknown) => Promise<Summary>>('summarize', {
      workflowId,
      taskQueue: 'zigflow',
      args: [{ title: document.name, text: document.text }],
    });
    return {
      workflowId,
      startedAt,
      async result() {
        const result = handle.result();
        // Given up when the signal fires; what it comes to then is of no interest.
        result.catch(() => {});
        await Promise.race([result, untilAborted(signal)]);
        signal.throwIfAborted();
        return result;
      },
      [Symbol.asyncDispose]: () => connection.close(),
    };
  } catch (error) {
    await connection.close();
    throw error;
  }
}
