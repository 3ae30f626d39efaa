import { ExecutionPhase } from '@token-handshake/proto/agentexecution';
import { requireThat, type Scenario } from '../scenario.ts';

/** Runs that fail. */
export const failures: readonly Scenario[] = [
  {
    name: 'typed failure',
    verb: 'raise',
    async run(stand) {
      const { status } = await stand.end(await stand.begin('raise QuotaExceeded no quota is left'));
      requireThat(status?.phase === ExecutionPhase.EXECUTION_FAILED, 'a failed run', status?.phase);
      const { type, message, details } = status.failure ?? {};
      requireThat(type === 'QuotaExceeded', 'the failure type QuotaExceeded', type);
      requireThat(message === 'no quota is left', 'the message of the failure', message);
      const json = JSON.stringify(details?.map(({ kind }) => kind.case));
      requireThat(json === '["structValue"]', 'one detail, an object', json);
    },
  },
  {
    name: 'failure in words only, raised or returned',
    verb: 'fail',
    async run(stand) {
      const { status } = await stand.end(await stand.begin('fail the cat sat on it'));
      requireThat(status?.phase === ExecutionPhase.EXECUTION_FAILED, 'a failed run', status?.phase);
      const said = `${status.error} ${status.failure?.message ?? ''}`;
      requireThat(said.includes('the cat sat on it'), 'the words of the failure', said);
    },
  },
];
