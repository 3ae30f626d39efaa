import { setTimeout } from 'node:timers/promises';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';

/** What the tools are given. */
export interface ToolsOptions {
  /** Told of each call. */
  readonly note: (line: string) => void;
  /** What `whoami` tells the length of. */
  readonly key: string;
}

/** An MCP server with tools for tests. */
export function toolsServer({ note, key }: ToolsOptions): McpServer {
  const server = new McpServer({ name: 'test', version: '1.0.0' });
  server.registerTool(
    'add',
    { description: 'Adds two numbers.', inputSchema: { a: z.number(), b: z.number() } },
    ({ a, b }) => {
      note(`add ${a} ${b}`);
      return { content: [{ type: 'text', text: String(a + b) }] };
    },
  );
  server.registerTool('whoami', { description: 'Tells how long the key is.' }, () => {
    note('whoami');
    return { content: [{ type: 'text', text: `key of ${key.length} letters` }] };
  });
  server.registerTool('fail', { description: 'Fails.' }, () => {
    note('fail');
    return { content: [{ type: 'text', text: 'it is broken' }], isError: true };
  });
  server.registerTool(
    'wait',
    { description: 'Answers after so many milliseconds.', inputSchema: { ms: z.number() } },
    async ({ ms }) => {
      note(`wait ${process.pid}`);
      await setTimeout(ms);
      return { content: [{ type: 'text', text: 'waited' }] };
    },
  );
  server.registerTool('exit', { description: 'Ends the server.' }, () => {
    note('exit');
    process.exit(1);
  });
  return server;
}
