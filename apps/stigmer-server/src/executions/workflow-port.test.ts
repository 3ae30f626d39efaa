import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { createContextValues } from '@connectrpc/connect';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { executionId } from '@token-handshake/core';
import { ExecutionPhase } from '@token-handshake/proto/agentexecution';
import { grantAccess } from '@token-handshake/service-kit';
import { startTestServer, type TestServer } from '@token-handshake/temporal-dev';
import type { StigmerContext } from '../context.ts';
import { deleteAgentExecution } from '../rpc/agent-execution-command/delete.ts';
import { eventually } from '../testing/eventually.suite.ts';
import { OPERATOR_ACCESS } from '../testing/operator-access.suite.ts';
import { startTestStigmer, type TestStigmer } from '../testing/test-stigmer.suite.ts';
import { cancelExecution } from './cancel-execution.ts';
import { createWorkflowPort, TemporalNotConnectedError, type WorkflowPort } from './workflow-port.ts';

const forever = {
  command: { argv: [process.execPath, '--eval', 'setInterval(() => {}, 1000); console.error("waiting")'] },
};

let temporal: TestServer;
let stigmer: TestStigmer;
let client: Client;

beforeAll(async () => {
  temporal = await startTestServer({ ignoreAddress: true });
  stigmer = await startTestStigmer({ temporalAddress: temporal.address, agents: { forever } });
  client = new Client({ connection: Connection.lazy({ address: temporal.address }) });
});
afterAll(async () => {
  await client?.connection.close();
  await stigmer?.[Symbol.asyncDispose]();
  await temporal?.stop();
});

function portTo(current: Client | undefined): WorkflowPort {
  const { storage, clock, config } = stigmer.service.context;
  const { runner } = config;
  return createWorkflowPort({
    ledger: storage.ledger,
    clock,
    runner: { ...runner },
    temporal: { current: () => current && ({ client: current } as never) },
    onStarted: () => {},
  });
}

async function start(): Promise<string> {
  const { metadata } = await stigmer.executionCommands.create({
    metadata: { name: 'long' },
    spec: { agentId: await stigmer.agentId('forever'), message: 'wait' },
  });
  const id = metadata?.id ?? '';
  await eventually(async () => {
    const { status } = await stigmer.executions.get({ value: id });
    return status?.phase === ExecutionPhase.EXECUTION_IN_PROGRESS;
  });
  return id;
}

describe('the workflow port', () => {
  test('waits no longer than 2 s for a Temporal that cannot take more, whatever the pause before the next try', async () => {
    await using busy = await busyTemporal();
    const connection = Connection.lazy({ address: busy.address });
    const busyClient = new Client({ connection });
    let left: Promise<unknown> | undefined;
    const watched = {
      workflow: busyClient.workflow,
      withDeadline: <T>(deadline: number, fn: () => Promise<T>) => {
        const call = busyClient.withDeadline(deadline, fn);
        left = call.catch(() => {});
        return call;
      },
    };
    const begun = performance.now();
    await expect(
      portTo(watched as unknown as Client).signalRebound(executionId('aex_busy'), 2),
    ).rejects.toThrow();
    const tookMs = performance.now() - begun;
    // What is left of the call ends by itself, after its pause.
    await left;
    const leftMs = performance.now() - begun;
    await connection.close();
    expect(leftMs).toBeGreaterThan(tookMs);
    expect(tookMs).toBeGreaterThan(1_900);
    expect(tookMs).toBeLessThan(2_300);
  });

  test('tells a workflow that its target is up; one that is gone is no error', async () => {
    const id = await start();
    const { workflows } = stigmer.service.context;
    await workflows.signalTargetUp(executionId(id));
    const { events } = await client.workflow.getHandle(id).fetchHistory();
    const signals = events?.map((event) => event.workflowExecutionSignaledEventAttributes?.signalName);
    expect(signals).toContain('targetUp');
    await workflows.signalTargetUp(executionId('aex_gone'));
    const unconnected = portTo(undefined).signalTargetUp(executionId(id));
    await expect(unconnected).rejects.toThrow(TemporalNotConnectedError);
  });
});

/** Of a call by an operator. */
const values = () => {
  const context = createContextValues();
  grantAccess(context, OPERATOR_ACCESS);
  return context;
};

describe('what Temporal did not hear is said again', () => {
  const deaf = (): StigmerContext => ({ ...stigmer.service.context, workflows: portTo(undefined) });

  test('a cancel', async () => {
    const id = await start();
    await cancelExecution(deaf(), executionId(id), 'api', 'not needed');
    const status = await eventually(async () => {
      const execution = await stigmer.executions.get({ value: id });
      return execution.status?.phase === ExecutionPhase.EXECUTION_CANCELLED && execution.status;
    });
    expect(status.cancellation).toMatchObject({ cause: 'api', message: 'not needed' });
  }, 30_000);

  test('a delete, whose execution nobody sees any more', async () => {
    const id = await start();
    await deleteAgentExecution(deaf())({ value: id } as never, { values: values() } as never);
    const { storage } = stigmer.service.context;
    await eventually(async () => (await client.workflow.getHandle(id).describe()).status.name !== 'RUNNING');
    // It is forgotten with its end, since nobody can come back for it.
    await eventually(async () => (await storage.executions.find(executionId(id))) === undefined);
  }, 30_000);
});

/** Answers every call as a Temporal that has too much to do. */
async function busyTemporal(): Promise<AsyncDisposable & { readonly address: string }> {
  const server = createServer();
  const sessions = new Set<{ destroy(): void }>();
  server.on('session', (session) => sessions.add(session));
  server.on('stream', (stream) => {
    const headers = { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '8' };
    stream.respond(headers, { endStream: true });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      for (const session of sessions) session.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
