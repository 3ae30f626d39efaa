import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import type { Socket } from 'node:net';
import { dirname } from 'node:path';
import { startWatchdog } from '@token-handshake/process-guard';

/** How much of a process's latest output is kept for error messages, in characters. */
const TAIL_CHARACTERS = 8_000;

/** Output may still be in the pipe when a process ends; a grandchild may hold the pipe for longer. */
const LAST_OUTPUT_MS = 500;

export interface BoundProcessOptions {
  env: NodeJS.ProcessEnv;
  cwd?: string;
  /** Appends all output to this file. Default: only the end of it is kept, in memory. */
  logFile?: string;
  /** Keeps this process alive for as long as the child runs. Default: true. */
  keepsAlive?: boolean;
}

/** A child in a process group of its own that cannot outlive this process. */
export interface BoundProcess {
  readonly pid: number;
  /** Resolves, in words, with how the process ended: "exit code 1" or "signal SIGKILL". */
  readonly ended: Promise<string>;
  /** True until the process has ended. */
  isAlive: () => boolean;
  /** The end of what it wrote to both outputs. */
  tail: () => string;
  /** Sends `signal` to the whole group, SIGKILL after `graceMs`, and resolves when it has ended. */
  stop(signal: 'SIGTERM' | 'SIGKILL', graceMs: number): Promise<void>;
}

/**
 * Starts a program that lives no longer than this process. It gets its own process group: Ctrl-C in the
 * terminal does not reach it, so it is there until whoever started it has finished and stops it.
 *
 * @throws the spawn error (`ENOENT`, `EACCES`) when the program cannot be started.
 */
export async function startBoundProcess(
  command: string,
  args: readonly string[],
  options: BoundProcessOptions,
): Promise<BoundProcess> {
  const watchdog = startWatchdog();
  const child = spawn(command, args, {
    env: options.env,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (child.pid !== undefined) watchdog.guard(child.pid);
  const output = collectOutput(options.logFile);
  child.stdout.setEncoding('utf8').on('data', output.add);
  child.stderr.setEncoding('utf8').on('data', output.add);

  if (options.keepsAlive === false) {
    child.unref();
    (child.stdout as Socket).unref();
    (child.stderr as Socket).unref();
  }

  let alive = true;
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => {
      alive = false;
      watchdog.dismiss();
      const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
      const finish = () => {
        clearTimeout(timer);
        output.close();
        resolve(how);
      };
      const timer = setTimeout(finish, LAST_OUTPUT_MS);
      child.once('close', finish);
    });
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => {
      watchdog.dismiss();
      output.close();
      reject(error);
    });
  });
  const pid = child.pid as number;

  return {
    pid,
    ended,
    isAlive: () => alive,
    tail: output.tail,
    async stop(signal, graceMs) {
      if (!alive) return;
      signalGroup(pid, signal);
      const timer = setTimeout(() => alive && signalGroup(pid, 'SIGKILL'), graceMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch (error) {
    // It ended between the check and the signal.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function collectOutput(logFile: string | undefined) {
  let kept = '';
  if (logFile !== undefined) mkdirSync(dirname(logFile), { recursive: true });
  const file = logFile === undefined ? undefined : createWriteStream(logFile, { flags: 'a' });
  // A full disk takes the log, not whoever runs the server.
  file?.on('error', (error) => {
    kept += `\n[the log file takes no more: ${error.message}]\n`;
  });
  return {
    add: (text: string) => {
      kept = (kept + text).slice(-TAIL_CHARACTERS);
      file?.write(text);
    },
    close: () => file?.end(),
    tail: () => kept.trim(),
  };
}
