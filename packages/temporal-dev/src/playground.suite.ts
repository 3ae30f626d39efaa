import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findTemporalServer } from './find-temporal-server.ts';

/** What `temporal --version` prints. */
export const versionLine = (server: string) => `temporal version 0.0.0-DEV (Server ${server}, UI 2.42.1)`;

/** A shell program that answers `--version` like a Temporal CLI and otherwise runs `body`. */
export const fakeTemporal = (server: string, body = 'exit 0') =>
  `if [ "$1" = --version ]; then echo "${versionLine(server)}"; exit 0; fi\n${body}`;

/** A machine to look for servers on: an empty home, a PATH of its own, no way to the internet. */
export interface Playground {
  readonly folder: string;
  readonly bin: string;
  readonly cache: string;
  readonly env: NodeJS.ProcessEnv;
  /** Writes an executable shell program and returns its path. */
  program(path: string, body: string): Promise<string>;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function makePlayground(): Promise<Playground> {
  const folder = await mkdtemp(join(tmpdir(), 'temporal-dev-'));
  const bin = join(folder, 'bin');
  const cache = join(folder, 'cache');
  await mkdir(bin);
  return {
    folder,
    bin,
    cache: join(cache, 'token-handshake'),
    env: {
      HOME: folder,
      XDG_CACHE_HOME: cache,
      PATH: `${bin}:/usr/bin:/bin`,
      // Port 9 is "discard": nobody listens, so the download fails at once, with or without a network.
      HTTPS_PROXY: 'http://127.0.0.1:9',
    },
    async program(path, body) {
      await mkdir(join(path, '..'), { recursive: true });
      await writeFile(path, `#!/bin/sh\n${body}\n`, { mode: 0o755 });
      return path;
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** The program that this machine would start; the real one, for tests that need it under another name. */
export async function realTemporal(): Promise<string> {
  const found = await findTemporalServer({ ignoreAddress: true, report: () => {} });
  if (found.way === 'address') throw new Error('expected a program, got an address');
  return found.executable;
}

/** Runs a module's text in a process of its own, with `url` names for what it imports. */
export function runModule(text: string, env: NodeJS.ProcessEnv): ChildProcess & { output: () => string } {
  const child = spawn(
    process.execPath,
    ['--conditions=@token-handshake/source', '--input-type=module', '-e', text],
    {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output += chunk;
  });
  return Object.assign(child, { output: () => output });
}

/** Polls until the condition holds. */
export async function until(what: string, condition: () => boolean | Promise<boolean>, timeoutMs = 15_000) {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`expected within ${timeoutMs} ms: ${what}`);
    await delay(20);
  }
}

/** Whether the process exists and is no zombie. */
export async function isRunning(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return !/\) Z /.test(stat);
}
