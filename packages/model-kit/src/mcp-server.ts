import { appendFileSync } from 'node:fs';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { toolsServer } from './tools.ts';

const { CALLS = '', KEY = '' } = process.env;
const server = toolsServer({ note: (line) => appendFileSync(CALLS, `${line}\n`), key: KEY });
await server.connect(new StdioServerTransport());
