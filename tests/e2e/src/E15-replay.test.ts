import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  agent,
  answersWhenFileExists,
  callAgent,
  echo,
  eventually,
  fails,
  failureOf,
  type System,
  startSystem,
  workflow,
} from '@token-handshake/test-kit';
import {
  bundleOf,
  type RecordedWorkflow,
  recordingOf,
  replay,
  type WorkflowCode,
} from '@token-handshake/test-kit/workers';

const documents = {
  succeeds: workflow({
    workflowType: 'succeeds',
    do: `
      - prepare:
          do:
            - request:
                set: { request: "\${ \\"Please: \\" + $input.text }" }
            - never:
                if: "\${ $input.text == \\"nothing\\" }"
                set: { request: nothing }
      - ask:
          call: agent
          with: { agent: echo, message: "\${ $data.request }", timeouts: { result: 5m, liveness: 10s } }
          output: { as: "\${ .status.output }" }
          export: { as: "\${ { asked: true } }" }
      - answer:
          set: { answer: "\${ $data.ask.status.output }", context: "\${ $context }" }
    `,
  }),
  fails: callAgent({ workflowType: 'fails', agent: 'fails' }),
  'is cancelled': callAgent({ workflowType: 'is-cancelled', agent: 'waits' }),
};
type Ending = keyof typeof documents;
const endings = Object.keys(documents) as Ending[];

const failureTypes = { fails: 'AgentCommandFailed', 'is cancelled': 'AgentExecutionCancelled' };
/** The executions that were seen so far. */
const known = new Set<string | undefined>();
let system: System;
let callers: WorkflowCode;
let callees: WorkflowCode;
const histories = {} as Record<
  Ending,
  { readonly caller: RecordedWorkflow; readonly callee: RecordedWorkflow }
>;

beforeAll(async () => {
  [system, callers, callees] = await Promise.all([
    startSystem({
      agents: (folder) => [
        agent({ slug: 'echo', runtime: echo() }),
        agent({ slug: 'fails', runtime: fails('out of paper', 3) }),
        agent({ slug: 'waits', runtime: answersWhenFileExists(join(folder, 'never')) }),
      ],
      workflows: Object.values(documents),
    }),
    bundleOf('zigflow-worker'),
    bundleOf('stigmer-server'),
  ]);
  for (const ending of endings) histories[ending] = await record(ending);
}, 120_000);
afterAll(async () => {
  await system?.[Symbol.asyncDispose]();
});

/** Runs a document to its end and fetches what Temporal keeps of the caller and of its callee. */
async function record(ending: Ending) {
  const started = await system.start(documents[ending], { text: 'hello' });
  const id = await eventually(() => {
    const sql = 'select execution_id from calls order by rowid desc limit 1';
    const [call] = system.query<{ execution_id: string }>(sql);
    return known.has(call?.execution_id) ? undefined : call?.execution_id;
  });
  known.add(id);
  if (ending === 'is cancelled') await system.stigmer.executionCommands.cancel({ executionId: id });
  if (ending === 'succeeds') expect(await started.result()).toMatchObject({ answer: 'Please: hello' });
  else expect(await failureOf(started.result())).toMatchObject({ type: failureTypes[ending] });

  const callee = system.temporal.workflow.getHandle(id);
  await callee.result().catch(() => {});
  return { caller: await recordingOf(started), callee: await recordingOf(callee) };
}

test.each(endings)('E15 the histories of a call that %s replay on both apps’ code', async (ending) => {
  const { caller, callee } = histories[ending];
  expect(await replay(callers, caller)).toBeUndefined();
  expect(await replay(callees, callee)).toBeUndefined();
});

test('E15 a changed workflow does not replay: another activity where the history has the old one', async () => {
  const { caller, callee } = histories.succeeds;
  const other = (code: WorkflowCode, activity: string) => ({
    code: code.code.replaceAll(activity, 'another'),
  });
  expect(await replay(other(callers, 'stigmer/call-agent'), caller)).toMatchObject({
    message: expect.stringContaining('stigmer/call-agent'),
  });
  expect(await replay(other(callees, 'ExecuteGraphton'), callee)).toMatchObject({
    message: expect.stringContaining('ExecuteGraphton'),
  });
});
