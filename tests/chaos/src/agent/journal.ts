import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';

/** Who executed an agent: the server's own runner, or the one of this test. */
export type RunnerKind = 'embedded' | 'external';

/** What a run of an agent came to, by its own word. */
export type AgentAnswer =
  | { readonly kind: 'answered'; readonly sha256: string; readonly bytes: number }
  | {
      readonly kind: 'failed';
      readonly type: string;
      readonly message: string;
      readonly nonRetryable: boolean;
    }
  /** It was told to stop, and did. */
  | { readonly kind: 'cancelled' };

/** What every line says. `run` counts the runs for one key, whoever executes them. */
interface JournalEntry {
  readonly at: number;
  readonly key: string;
  readonly run: number;
}

/** One line of the journal. */
export type JournalLine =
  | (JournalEntry & {
      readonly event: 'began';
      readonly runner: RunnerKind;
      readonly pid: number;
      readonly executionId: string;
      /** Whether the secret came as its caller gave it. */
      readonly knowsSecret: boolean;
    })
  | (JournalEntry & { readonly event: 'ends'; readonly answer: AgentAnswer });

/**
 * Adds a line to the journal of what agents really did. It is on the disk when this returns, before the product hears
 * of it: whatever is killed afterwards, the line stands.
 */
export function writeJournal(file: string, line: JournalLine): void {
  const descriptor = openSync(file, 'a');
  try {
    writeSync(descriptor, `${JSON.stringify(line)}\n`);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
