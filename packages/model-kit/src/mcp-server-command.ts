import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * A real MCP server over standard input and output, with the tools `add`, `whoami`, `fail`, `wait` and `exit`. It appends a line
 * for each call to the file that the variable CALLS names.
 */
export const mcpServer: { readonly command: string; readonly args: readonly string[] } = {
  command: process.execPath,
  // Beside this file, as source or built.
  args: [fileURLToPath(new URL(`./mcp-server${extname(import.meta.url)}`, import.meta.url))],
};
