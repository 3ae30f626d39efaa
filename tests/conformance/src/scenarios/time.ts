import { setTimeout as delay } from 'node:timers/promises';
import { ExecutionPhase } from '@token-handshake/proto/agentexecution';
import { eventually } from '@token-handshake/test-kit';
import { requireThat, type Scenario } from '../scenario.ts';
import { HEARTBEAT_TIMEOUT_SECONDS, type Stand } from '../stand.ts';

const STOP_WITHIN_MS = 15_000;
/** How long it is watched that nothing goes on. */
const WATCH_MS = 2_000;

async function begun(stand: Stand, name: string) {
  const steps = stand.steps(name);
  const id = await stand.begin(`steps ${steps.path}`);
  await steps.reached('2');
  return { steps, id };
}

async function requireCompleted(stand: Stand, id: string): Promise<void> {
  const { status } = await stand.end(id);
  requireThat(
    status?.phase === ExecutionPhase.EXECUTION_COMPLETED,
    'a completed run',
    status?.error ?? status?.phase,
  );
  requireThat(status.output === 'three', 'the answer "three"', status.output);
}

/** The agent answers with what its first attempt told by heartbeats; a run that began afresh never ends. */
async function requireResumed(stand: Stand, signal: NodeJS.Signals): Promise<void> {
  const id = await stand.begin(`mark ${stand.steps(`marked-${signal}`).path}`);
  await stand.heartbeat(id, 'half');
  await stand.killRunner(signal);
  await stand.startRunner();
  const { status } = await stand.end(id);
  requireThat(status?.output.includes('half') === true, 'an answer with "half"', status?.output);
}

/** Runs that take their time, and what may happen meanwhile. */
export const time: readonly Scenario[] = [
  {
    name: 'slow with progress',
    verb: 'steps',
    async run(stand) {
      const { steps, id } = await begun(stand, 'progress');
      await eventually(
        async () => {
          const { status } = await stand.look(id);
          const said = status?.messages.map(({ content }) => content) ?? [];
          return status?.phase === ExecutionPhase.EXECUTION_IN_PROGRESS && said.includes('one');
        },
        { what: 'the first step to be shown while the second goes on' },
      );
      steps.letGo();
      await requireCompleted(stand, id);
    },
  },
  {
    name: 'silence of the agent is not death: the runner sends heartbeats',
    verb: 'quiet',
    async run(stand) {
      const { status } = await stand.end(await stand.begin(`quiet ${HEARTBEAT_TIMEOUT_SECONDS * 2}`));
      requireThat(status?.output === 'awake', 'the answer "awake"', status?.output || status?.error);
    },
  },
  {
    name: 'cancel mid-way: the agent stops',
    verb: 'steps',
    async run(stand) {
      const { steps, id } = await begun(stand, 'cancelled');
      await stand.cancel(id);
      const { status } = await stand.end(id);
      requireThat(status?.phase === ExecutionPhase.EXECUTION_CANCELLED, 'a cancelled run', status?.phase);
      steps.letGo();
      await delay(WATCH_MS);
      requireThat(!steps.begun().includes('3'), 'no further step after the cancel', steps.begun());
    },
  },
  {
    name: 'crash mid-way: the run begins again and ends',
    verb: 'steps',
    async run(stand) {
      const { steps, id } = await begun(stand, 'crashed');
      await stand.killRunner('SIGKILL');
      steps.letGo();
      await stand.startRunner();
      await requireCompleted(stand, id);
    },
  },
  {
    name: 'crash mid-way: no finished step is repeated',
    verb: 'steps',
    needs: 'resumes',
    async run(stand) {
      const { steps, id } = await begun(stand, 'resumed');
      await stand.killRunner('SIGKILL');
      steps.letGo();
      await stand.startRunner();
      await requireCompleted(stand, id);
      const order = steps.begun().join(' ');
      requireThat(order === '1 2 2 3', 'the steps 1 2 2 3 (the second one was not finished)', order);
    },
  },
  {
    name: 'crash mid-way: the run goes on from the details of the last heartbeat',
    verb: 'mark',
    needs: 'resumesFromDetails',
    run: (stand) => requireResumed(stand, 'SIGKILL'),
  },
  {
    name: 'stopped mid-way: the run goes on from the details of the last heartbeat',
    verb: 'mark',
    needs: 'resumesFromDetails',
    run: (stand) => requireResumed(stand, 'SIGTERM'),
  },
  {
    name: 'stopped mid-way: the runner ends in time, and its run goes on elsewhere',
    verb: 'steps',
    async run(stand) {
      const { steps, id } = await begun(stand, 'stopped');
      const startedAt = performance.now();
      await stand.killRunner('SIGTERM');
      const tookMs = performance.now() - startedAt;
      requireThat(
        tookMs < STOP_WITHIN_MS,
        `the runner to end within ${STOP_WITHIN_MS / 1_000} s`,
        `${tookMs} ms`,
      );
      steps.letGo();
      await stand.startRunner();
      await requireCompleted(stand, id);
    },
  },
];
