import { type AgentExecution, ExecutionPhase } from '@token-handshake/proto/agentexecution';
import { requireThat, type Scenario } from '../scenario.ts';
import type { Stand } from '../stand.ts';

const UNICODE = 'naïve Ωμέγα 漢字 العربية 👩‍👩‍👧 \u{1F30D}';
const LARGE = 1_900_000;
const TOO_LARGE = 2_200_000;

async function answerTo(stand: Stand, message: string): Promise<AgentExecution> {
  return stand.end(await stand.begin(message));
}

function requireAnswer({ status }: AgentExecution, answer: string): void {
  requireThat(
    status?.phase === ExecutionPhase.EXECUTION_COMPLETED,
    'a completed run',
    status?.error ?? status?.phase,
  );
  requireThat(status.output === answer, `the answer ${JSON.stringify(answer.slice(0, 60))}`, status.output);
}

/** Runs that end well. */
export const answers: readonly Scenario[] = [
  {
    name: 'success',
    verb: 'answer',
    async run(stand) {
      requireAnswer(await answerTo(stand, 'answer forty-two'), 'forty-two');
    },
  },
  {
    name: 'unicode',
    verb: 'answer',
    async run(stand) {
      requireAnswer(await answerTo(stand, `answer ${UNICODE}`), UNICODE);
    },
  },
  {
    name: 'empty answer',
    verb: 'answer',
    async run(stand) {
      requireAnswer(await answerTo(stand, 'answer '), '');
    },
  },
  {
    name: 'large output',
    verb: 'large',
    async run(stand) {
      requireAnswer(await answerTo(stand, `large ${LARGE}`), 'x'.repeat(LARGE));
    },
  },
  {
    name: 'output beyond what Temporal takes: whole, or a failure that says so',
    verb: 'large',
    async run(stand) {
      const ended = await answerTo(stand, `large ${TOO_LARGE}`);
      if (ended.status?.phase === ExecutionPhase.EXECUTION_COMPLETED) {
        requireAnswer(ended, 'x'.repeat(TOO_LARGE));
        return;
      }
      const type = ended.status?.failure?.type;
      requireThat(type === 'ResultTooLarge', 'the failure ResultTooLarge', type);
    },
  },
];
