import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Runs a program to its end and returns what it wrote to standard output.
 *
 * @throws Error with the program's last words when it fails.
 */
export async function runProgram(command: string, args: readonly string[], cwd?: string): Promise<string> {
  try {
    const { stdout } = await run(command, args, { cwd, maxBuffer: 64 * 1024 * 1024 });
    return stdout;
  } catch (cause) {
    const { stderr = '', message } = cause as { stderr?: string; message: string };
    throw new Error(`"${command} ${args.join(' ')}" failed: ${stderr.slice(-2_000) || message}`, { cause });
  }
}
