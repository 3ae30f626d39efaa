import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mcpServer, startHttpMcpServer } from '@token-handshake/model-kit';
import { type McpServerDefinition, McpServerDefinitionSchema } from '@token-handshake/proto/agent';
import { eventually } from '../testing/eventually.suite.ts';
import { Environment } from './environment.ts';
import { ToolServers } from './tool-servers.ts';

const IDLE_MS = 300;
const never = new AbortController().signal;

let folder: string;
let servers: ToolServers;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tools-'));
  servers = new ToolServers(IDLE_MS);
});
afterEach(async () => {
  await servers.close();
  await rm(folder, { recursive: true });
});

const scope = (executionId = 'aex_1') => ({
  executionId,
  environment: new Environment({ values: { CALLS: join(folder, 'calls') }, secrets: [] }, {}),
});

const definition = (command = mcpServer.command): McpServerDefinition =>
  create(McpServerDefinitionSchema, {
    name: 'tools',
    serverType: {
      case: 'stdio',
      value: { command, args: [...mcpServer.args], envPlaceholders: { CALLS: '${CALLS}' } },
    },
  });

/** Process ids of the servers that were called, in the order of the calls. */
const pids = async () =>
  (await readFile(join(folder, 'calls'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => Number(line.slice('wait '.length)));

const isGone = (pid: number) => {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
};

async function wait(ms: number, executionId?: string) {
  const server = await servers.use(definition(), scope(executionId));
  return server.call('wait', { ms }, never);
}

test('a run keeps its server from call to call, and another run has its own', async () => {
  await wait(0);
  await wait(0);
  await wait(0, 'aex_2');
  const [one, two, three] = await pids();
  expect(one).toBe(two);
  expect(three).not.toBe(one);
  await servers.leave('aex_1');
  await eventually(() => Promise.resolve(isGone(one ?? 0) || undefined));
  expect(isGone(three ?? 0)).toBe(false);
});

test('a server that nobody asks is left, but not while it is being called', async () => {
  expect(await wait(3 * IDLE_MS)).toEqual({ text: 'waited', failed: false });
  const [pid = 0] = await pids();
  await eventually(() => Promise.resolve(isGone(pid) || undefined));
  await wait(0);
  expect((await pids())[1]).not.toBe(pid);
});

test('a program that is not there is told by name', async () => {
  await expect(servers.use(definition(join(folder, 'nowhere')), scope())).rejects.toMatchObject({
    type: 'ToolServerUnavailable',
    nonRetryable: false,
    message: expect.stringMatching(/the MCP server "tools" cannot be used/),
  });
});

test('a kind of server that this runner has not is refused for good', async () => {
  const docker = create(McpServerDefinitionSchema, {
    name: 'boxed',
    serverType: { case: 'docker', value: { image: 'tools' } },
  });
  await expect(servers.use(docker, scope())).rejects.toMatchObject({
    type: 'AgentNotRunnable',
    nonRetryable: true,
  });
});

test('a tool that takes longer than its server may is told so, and is not called again', async () => {
  await using remote = await startHttpMcpServer('Bearer key');
  const http = create(McpServerDefinitionSchema, {
    name: 'remote',
    serverType: {
      case: 'http',
      value: { url: remote.url, headers: { authorization: 'Bearer key' }, timeoutSeconds: 1 },
    },
  });
  const server = await servers.use(http, scope());
  expect(await server.call('wait', { ms: 5_000 }, never)).toEqual({
    text: 'the tool did not answer within 1 s',
    failed: true,
  });
  expect(remote.calls).toHaveLength(1);
});

test('a call that is cancelled rejects with its reason', async () => {
  const cancel = new AbortController();
  const server = await servers.use(definition(), scope());
  const waiting = server.call('wait', { ms: 60_000 }, cancel.signal);
  cancel.abort(new Error('cancelled'));
  await expect(waiting).rejects.toThrow('cancelled');
});
