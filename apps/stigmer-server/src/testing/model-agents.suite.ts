import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type HttpMcpServer,
  type ModelProvider,
  type ModelRequest,
  mcpServer,
  startHttpMcpServer,
  startModelProvider,
} from '@token-handshake/model-kit';
import { type AgentExecution, ExecutionPhase } from '@token-handshake/proto/agentexecution';
import { startTestServer } from '@token-handshake/temporal-dev';
import { eventually } from './eventually.suite.ts';
import { startTestStigmer, type TestStigmer } from './test-stigmer.suite.ts';

/** The key that the model and the tools want, which nobody else may see. */
export const SECRET = 'sk-a-very-secret-key';

/** A server with agents that have a model, the model's provider, and servers of tools. */
export interface ModelAgents extends AsyncDisposable {
  readonly stigmer: TestStigmer;
  readonly temporalAddress: string;
  readonly provider: ModelProvider;
  readonly tools: HttpMcpServer;
  /** What the provider was asked since the last {@link forget}. */
  requests(): readonly ModelRequest[];
  forget(): void;
  /** Starts an execution; returns its id. */
  begin(slug: string, message: string, sessionId?: string): Promise<string>;
  ended(id: string): Promise<AgentExecution>;
  /** Runs an execution to its end. */
  run(slug: string, message: string, sessionId?: string): Promise<AgentExecution>;
  /** What tools over pipes were called for, a line each. */
  callsMade(): Promise<readonly string[]>;
}

/** Starts them for the tests of a file. */
export async function startModelAgents(): Promise<ModelAgents> {
  const temporal = await startTestServer({ ignoreAddress: true });
  const provider = await startModelProvider();
  const tools = await startHttpMcpServer(`Bearer ${SECRET}`);
  const model = {
    model: {
      openaiCompatible: { baseUrl: provider.baseUrl, apiKeyEnv: 'MODEL_KEY' },
      model: 'small',
      temperature: 0.5,
    },
  };
  const mcp = (enabledTools: string[] = []) => ({
    name: 'sums',
    stdio: {
      ...mcpServer,
      envPlaceholders: { CALLS: '${CALLS}', KEY: '${MODEL_KEY}' },
    },
    enabledTools,
  });
  const stigmer = await startTestStigmer({
    temporalAddress: temporal.address,
    specs: {
      plain: { instructions: 'Answer in one word.', runtime: model },
      adder: { runtime: model, mcpServers: [mcp(['add', 'fail', 'exit', 'wait', 'whoami'])] },
      divided: {
        runtime: model,
        mcpServers: [mcp(['add'])],
        subAgents: [
          {
            name: 'Outsider',
            instructions: 'Do as you are told.',
            mcpServers: ['sums'],
            mcpToolSelections: { sums: { enabledTools: ['exit'] } },
          },
        ],
      },
      limited: { runtime: { model: { ...model.model, maxSteps: 2 } }, mcpServers: [mcp(['add'])] },
      claude: {
        runtime: {
          model: { anthropic: { baseUrl: provider.baseUrl, apiKeyEnv: 'MODEL_KEY' }, model: 'claude' },
        },
        mcpServers: [
          {
            name: 'remote',
            http: {
              url: tools.url,
              headers: { authorization: 'Bearer ${MODEL_KEY}' },
              queryParams: { from: '${CALLS}' },
              timeoutSeconds: 5,
            },
            enabledTools: ['add'],
          },
        ],
      },
      leader: {
        runtime: model,
        mcpServers: [mcp()],
        subAgents: [
          {
            name: 'Clerk',
            description: 'Adds numbers.',
            instructions: 'Add what you are given.',
            mcpServers: ['sums'],
            mcpToolSelections: { sums: { enabledTools: ['add'] } },
          },
          { name: 'Idler', instructions: 'Do nothing at all.', mcpServers: [] },
        ],
      },
    },
  });
  let first = 0;
  const begin = async (slug: string, message: string, sessionId = '') => {
    const { metadata } = await stigmer.executionCommands.create({
      metadata: { name: message },
      spec: {
        agentId: await stigmer.agentId(slug),
        sessionId,
        message,
        runtimeEnv: {
          MODEL_KEY: { value: SECRET, isSecret: true },
          CALLS: { value: join(stigmer.folder, 'calls') },
        },
      },
    });
    return metadata?.id ?? '';
  };
  const ended = (id: string) =>
    eventually(async () => {
      const execution = await stigmer.executions.get({ value: id });
      const phase = execution.status?.phase ?? 0;
      return phase >= ExecutionPhase.EXECUTION_COMPLETED ? execution : undefined;
    });
  return {
    stigmer,
    temporalAddress: temporal.address,
    provider,
    tools,
    requests: () => provider.requests.slice(first),
    forget: () => {
      first = provider.requests.length;
    },
    begin,
    ended,
    run: async (...asked) => ended(await begin(...asked)),
    callsMade: async () =>
      (await readFile(join(stigmer.folder, 'calls'), 'utf8').catch(() => '')).split('\n').slice(0, -1),
    [Symbol.asyncDispose]: async () => {
      await stigmer[Symbol.asyncDispose]();
      await tools[Symbol.asyncDispose]();
      await provider[Symbol.asyncDispose]();
      await temporal.stop();
    },
  };
}
