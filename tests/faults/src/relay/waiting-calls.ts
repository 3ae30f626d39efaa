import { callAgent, type System } from '@token-handshake/test-kit';

/** A document whose calls wait for an agent that has no runtime of its own. */
export const waitsFor = (liveness: string) =>
  callAgent({ workflowType: 'waits', agent: 'waits', liveness, result: '10m' });

/** Starts so many calls of a document, each with a question of its own. */
export async function startCalls(system: System, document: ReturnType<typeof waitsFor>, count: number) {
  const questions = Array.from({ length: count }, (_, i) => `question ${i}`);
  const started = await Promise.all(questions.map((text) => system.start(document, { text })));
  return {
    started,
    /** What they ended with, and what they should. */
    async outputs() {
      const results = await Promise.all(started.map((workflow) => workflow.result()));
      return (results as { readonly status: { readonly output: string } }[]).map(
        ({ status }) => status.output,
      );
    },
    expected: questions.map((text) => `answer to ${text}`),
  };
}

/** Open rows of the ledger with what the relay knows of them. */
export function openWaits(system: System) {
  return system.query<{ readonly generation: number; readonly beatAt: number | null }>(
    "select generation, last_beat_at beatAt from calls where state = 'open' and generation > 0",
  );
}

/** A number that a server shows at `/metrics`; 0 before it was first counted. */
export async function metricOf(address: string, name: string): Promise<number> {
  const answer = await fetch(`http://${address}/metrics`);
  const line = (await answer.text())
    .split('\n')
    .find((each) => each.startsWith(`${name} `) || each.startsWith(`${name}{`));
  return Number(line?.split(' ').at(-1) ?? 0);
}
