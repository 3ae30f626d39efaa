import { setTimeout as pause } from 'node:timers/promises';
import { createMCPClient, type ListToolsResult, type MCPClient } from '@ai-sdk/mcp';
import { StdioMCPTransport } from '@ai-sdk/mcp/mcp-stdio';
import { ApplicationFailure } from '@temporalio/common';
import type { McpServerDefinition } from '@token-handshake/proto/agent';
import type { FailureType } from '../failure-types.ts';
import type { Environment } from './environment.ts';

/** A server of tools that nobody has asked for so long is left. */
const IDLE_MS = 60_000;
/** A tool that takes longer than this is not waited for, unless its server's definition says how long. */
const LONGEST_CALL_SECONDS = 600;
/** How long a server that is left may take to let go. */
const LEAVE_MS = 2_000;
/** How long a server may take to be there, and to tell its tools. */
const CONNECT_MS = 30_000;

/** A tool as its server describes it. */
export type ToolDescription = ListToolsResult['tools'][number];

/** One server of tools, connected. */
export interface ToolServer {
  /** All of its tools, enabled or not. */
  readonly tools: readonly ToolDescription[];
  /** Calls one of them. What fails in the tool is in the answer; a server that is gone rejects. */
  call(name: string, args: Record<string, unknown>, signal: AbortSignal): Promise<ToolAnswer>;
}

/** What a tool gave. */
export interface ToolAnswer {
  readonly text: string;
  readonly failed: boolean;
}

interface Open {
  readonly server: Promise<ToolServer>;
  readonly close: () => Promise<void>;
  idle: NodeJS.Timeout;
  /** Calls that are under way: nobody is idle meanwhile. */
  busy: number;
}

interface OpenScope {
  readonly key: string;
  readonly open: Open;
  readonly definition: McpServerDefinition;
  readonly scope: ToolScope;
}

/** Where a run looks for tools. */
export interface ToolScope {
  readonly executionId: string;
  readonly environment: Environment;
  /** The folder of the agent's definition, where its programs run. */
  readonly folder?: string;
}

/**
 * The servers of tools that runs are connected to: each run has its own, for as long as it asks for tools, so that they
 * may keep something between two calls.
 */
export class ToolServers {
  readonly #open = new Map<string, Open>();
  readonly #idleMs: number;

  constructor(idleMs = IDLE_MS) {
    this.#idleMs = idleMs;
  }

  /**
   * The server, connected if it is not yet.
   *
   * @throws ApplicationFailure `ToolServerUnavailable`, retryable; `AgentNotRunnable`
   */
  async use(definition: McpServerDefinition, scope: ToolScope): Promise<ToolServer> {
    const key = JSON.stringify([scope.executionId, definition.name]);
    const known = this.#open.get(key);
    const open = known ?? this.#connect(key, definition, scope);
    open.idle.refresh();
    try {
      return await open.server;
    } catch (error) {
      void this.#leave(key, open);
      throw unavailable(definition, scope, error);
    }
  }

  /** Leaves the servers of an execution. */
  async leave(executionId: string): Promise<void> {
    const prefix = `${JSON.stringify([executionId]).slice(0, -1)},`;
    await Promise.all(
      [...this.#open].filter(([key]) => key.startsWith(prefix)).map(([key, open]) => this.#leave(key, open)),
    );
  }

  /** Leaves all of them. */
  async close(): Promise<void> {
    await Promise.all([...this.#open].map(([key, open]) => this.#leave(key, open)));
  }

  #connect(key: string, definition: McpServerDefinition, scope: ToolScope): Open {
    const client = connect(definition, scope);
    const open: Open = {
      server: client.then(async (connected) => {
        const tools = await allTools(connected);
        open.busy -= 1;
        open.idle.refresh();
        return { tools, call: (...call) => this.#call(connected, { key, open, definition, scope }, call) };
      }),
      close: async () => (await client).close(),
      idle: setTimeout(() => {
        if (open.busy > 0) open.idle.refresh();
        else void this.#leave(key, open);
      }, this.#idleMs).unref(),
      // Until it is there.
      busy: 1,
    };
    this.#open.set(key, open);
    return open;
  }

  async #call(
    client: MCPClient,
    { key, open, definition, scope }: OpenScope,
    [name, args, signal]: Parameters<ToolServer['call']>,
  ): Promise<ToolAnswer> {
    const { serverType } = definition;
    const seconds = (serverType.case === 'http' && serverType.value.timeoutSeconds) || LONGEST_CALL_SECONDS;
    const late = AbortSignal.timeout(seconds * 1_000);
    const options = { signal: AbortSignal.any([signal, late]) };
    open.busy += 1;
    try {
      const { content, isError } = await client.callTool({ name, arguments: args, options });
      return { text: textOf(content), failed: isError === true };
    } catch (error) {
      signal.throwIfAborted();
      if (late.aborted) return { text: `the tool did not answer within ${seconds} s`, failed: true };
      if (isAnswer(error)) return { text: error.message, failed: true };
      void this.#leave(key, open);
      throw unavailable(definition, scope, error);
    } finally {
      open.busy -= 1;
      if (this.#open.get(key) === open) open.idle.refresh();
    }
  }

  async #leave(key: string, open: Open): Promise<void> {
    clearTimeout(open.idle);
    if (this.#open.get(key) === open) this.#open.delete(key);
    // It could not be connected, or is gone already.
    await Promise.race([open.close().catch(() => undefined), pause(LEAVE_MS, undefined, { ref: false })]);
  }
}

async function connect(
  definition: McpServerDefinition,
  { environment, folder }: ToolScope,
): Promise<MCPClient> {
  const { serverType, name } = definition;
  const common = {
    clientName: 'stigmer',
    initializationOptions: { timeout: CONNECT_MS },
    // It is told by whoever calls next.
    onUncaughtError: () => undefined,
  };
  switch (serverType.case) {
    case 'stdio': {
      const { command, args, envPlaceholders, workingDir } = serverType.value;
      const cwd = workingDir || folder;
      return createMCPClient({
        ...common,
        transport: new StdioMCPTransport({
          command,
          args,
          env: environment.fillAll(envPlaceholders),
          stderr: 'ignore',
          ...(cwd !== undefined && { cwd }),
        }),
        // Many servers take nothing before `initialize`.
        protocolVersionDiscovery: false,
      });
    }
    case 'http': {
      const { url, headers, queryParams } = serverType.value;
      const address = new URL(environment.fill(url));
      for (const [param, value] of Object.entries(environment.fillAll(queryParams)))
        address.searchParams.set(param, value);
      return createMCPClient({
        ...common,
        transport: { type: 'http', url: address.href, headers: environment.fillAll(headers) },
        protocolVersionDiscovery: false,
      });
    }
    case 'docker':
    case undefined:
      throw ApplicationFailure.nonRetryable(
        `the MCP server "${name}" is of a kind that this runner has not: define it as stdio or http`,
        'AgentNotRunnable' satisfies FailureType,
      );
  }
}

async function allTools(client: MCPClient): Promise<readonly ToolDescription[]> {
  const tools: ToolDescription[] = [];
  let cursor: string | undefined;
  do {
    const page: ListToolsResult = await client.listTools({
      options: { timeout: CONNECT_MS },
      ...(cursor !== undefined && { params: { cursor } }),
    });
    tools.push(...page.tools);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return tools;
}

/** Text as it is, anything else as JSON. */
function textOf(content: unknown): string {
  if (!Array.isArray(content)) return JSON.stringify(content);
  return content
    .map((part: { type?: unknown; text?: unknown }) =>
      part.type === 'text' && typeof part.text === 'string' ? part.text : JSON.stringify(part),
    )
    .join('\n');
}

/** Whether the server answered with an error, instead of not at all. */
function isAnswer(error: unknown): error is Error {
  return (
    error instanceof Error &&
    /MCPClientError/.test(error.name) &&
    'code' in error &&
    typeof error.code === 'number'
  );
}

function unavailable({ name }: McpServerDefinition, { environment }: ToolScope, error: unknown): Error {
  if (error instanceof ApplicationFailure) return error;
  const said = environment.redact(error instanceof Error ? error.message : String(error)).slice(0, 1_000);
  return ApplicationFailure.retryable(
    `the MCP server "${name}" cannot be used: ${said}`,
    'ToolServerUnavailable' satisfies FailureType,
  );
}
