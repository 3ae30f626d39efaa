import type { AgentRuntimeDefinition, CommandDefinition } from './agents.ts';

/** Runs JavaScript in a Node process of its own; `message` is what the agent was sent. */
export function script(body: string, args: readonly string[] = []): CommandDefinition {
  const program = `
    import { existsSync, readFileSync, writeFileSync, appendFileSync } from 'node:fs';
    const args = process.argv.slice(1);
    const message = readFileSync(0, 'utf8');
    ${body}
  `;
  return { command: { argv: [process.execPath, '--input-type=module', '--eval', program, ...args] } };
}

/** Answers what it was sent, after `prefix`. */
export function echo(prefix = ''): AgentRuntimeDefinition {
  return script('process.stdout.write(args[0] + message);', [prefix]);
}

/**
 * Waits until `file` exists and is not empty, then answers with its content. It writes a line to `file` +
 * `.started` when it begins, so that a test knows that it waits, and how often it ran.
 */
export function answersWhenFileExists(file: string): AgentRuntimeDefinition {
  return script(
    `appendFileSync(args[0] + '.started', process.pid + '\\n');
     console.error('waiting');
     const content = () => existsSync(args[0]) ? readFileSync(args[0], 'utf8') : '';
     while (content() === '') await new Promise((resolve) => setTimeout(resolve, 20));
     process.stdout.write(content());`,
    [file],
  );
}

/** Writes to standard error and ends with an exit code. */
export function fails(words: string, exitCode = 1): AgentRuntimeDefinition {
  return script('console.error(args[0]); process.exitCode = Number(args[1]);', [words, String(exitCode)]);
}

/** Answers with so many bytes of ASCII text. */
export function answersBytes(bytes: number): AgentRuntimeDefinition {
  return script(`process.stdout.write('lorem ipsum '.repeat(Math.ceil(args[0] / 12)).slice(0, args[0]));`, [
    String(bytes),
  ]);
}
