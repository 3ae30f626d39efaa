import { fileURLToPath } from 'node:url';
import { create, fromBinary, toBinary, toJson } from '@bufbuild/protobuf';
import { ValueSchema } from '@bufbuild/protobuf/wkt';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { str } from '@temporalio/common';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { startTestServer, type TestServer } from '@token-handshake/temporal-dev';
import type { relay } from '../testing/workflows/index.ts';
import {
  type AgentExecution,
  AgentExecutionSchema,
  type AgentExecutionStatus,
  AgentExecutionStatusSchema,
  ExecutionPhase,
  MessageType,
} from './agentexecution.ts';
import { payloadConverterPath } from './payload-converter-path.ts';
import { OnCallerGone } from './tokenhandshake.ts';

const taskQueue = 'proto';
const dataConverter = { payloadConverterPath };
const execution = create(AgentExecutionSchema, {
  apiVersion: 'agentic.stigmer.ai/v1',
  kind: 'AgentExecution',
  metadata: { name: 'weather', labels: { team: 'a' } },
  spec: {
    agentId: 'agt_1',
    message: 'grüße 🌤',
    callbackToken: new Uint8Array([0, 255, 128, 7]),
    executionConfig: { temperature: 0.5 },
    onCallerGone: OnCallerGone.DETACH,
  },
});
const reported = create(AgentExecutionStatusSchema, {
  messages: [{ type: MessageType.MESSAGE_AI, content: 'sunny', metadata: { a: [1, null, { b: 'c' }] } }],
  audit: { specAudit: { createdAt: { seconds: 1_767_225_600n, nanos: 5_000_000 } } },
  todos: { one: { id: 'one', content: 'look up' } },
  callbackToken: new Uint8Array([1, 2, 3]),
  failure: { type: 'None', details: [create(ValueSchema, { kind: { case: 'numberValue', value: 2.5 } })] },
});

describe('a workflow in its sandbox', () => {
  let server: TestServer;
  let connection: Connection;
  let native: NativeConnection;
  let worker: Worker;
  const calls: [AgentExecution, string][] = [];

  beforeAll(async () => {
    Runtime.install({ logger: new DefaultLogger('WARN') });
    server = await startTestServer();
    connection = await Connection.connect({ address: server.address });
    native = await NativeConnection.connect({ address: server.address });
    worker = await Worker.create({
      connection: native,
      namespace: server.namespace,
      taskQueue,
      dataConverter,
      workflowsPath: fileURLToPath(new URL('../testing/workflows', import.meta.url)),
      bundlerOptions: {
        webpackConfigHook: (config) => ({
          ...config,
          resolve: { ...config.resolve, conditionNames: ['@token-handshake/source', '...'] },
        }),
      },
      activities: {
        execute: async (given: AgentExecution, threadId: string): Promise<AgentExecutionStatus> => {
          calls.push([given, threadId]);
          return reported;
        },
      },
    });
  }, 120_000);

  afterAll(async () => {
    await native?.close();
    await connection?.close();
    await server?.stop();
  });

  test('gets messages, makes them, gives them to activities and returns them', async () => {
    const client = new Client({ connection, namespace: server.namespace, dataConverter });

    const [handle, result] = await worker.runUntil(async () => {
      const started = await client.workflow.start<typeof relay>('relay', {
        taskQueue,
        workflowId: 'relay-1',
        // A failure in the sandbox repeats the workflow task: without an end the test would hang.
        workflowExecutionTimeout: '30s',
        args: [execution],
      });
      return [started, await started.result()] as const;
    });

    expect(toJson(AgentExecutionSchema, result)).toEqual(
      toJson(
        AgentExecutionSchema,
        create(AgentExecutionSchema, {
          ...execution,
          status: {
            ...reported,
            phase: ExecutionPhase.EXECUTION_COMPLETED,
            output: JSON.stringify(toJson(AgentExecutionStatusSchema, reported)),
          },
        }),
      ),
    );
    const [given, threadId] = calls[0] ?? [];
    if (given === undefined) throw new Error('expected the activity to be called');
    expect(threadId).toBe('thread-1');
    expect(given.spec?.executionConfig?.temperature).toBeUndefined();
    expect(
      fromBinary(AgentExecutionSchema, toBinary(AgentExecutionSchema, given)).spec?.callbackToken,
    ).toEqual(new Uint8Array([0, 255, 128, 7]));

    const { events } = await handle.fetchHistory();
    const payloads = (events ?? []).flatMap((event) => [
      ...(event.workflowExecutionStartedEventAttributes?.input?.payloads ?? []),
      ...(event.activityTaskScheduledEventAttributes?.input?.payloads ?? []),
      ...(event.activityTaskCompletedEventAttributes?.result?.payloads ?? []),
      ...(event.workflowExecutionCompletedEventAttributes?.result?.payloads ?? []),
    ]);
    expect(
      payloads.map(({ metadata }) =>
        [metadata?.['encoding'], metadata?.['messageType']].map((b) => b && str(b)),
      ),
    ).toEqual([
      ['json/protobuf', 'ai.stigmer.agentic.agentexecution.v1.AgentExecution'],
      ['json/protobuf', 'ai.stigmer.agentic.agentexecution.v1.AgentExecution'],
      ['json/plain', undefined],
      ['json/protobuf', 'ai.stigmer.agentic.agentexecution.v1.AgentExecutionStatus'],
      ['json/protobuf', 'ai.stigmer.agentic.agentexecution.v1.AgentExecution'],
    ]);
  }, 60_000);
});
