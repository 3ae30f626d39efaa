import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** How often it is looked whether the launchers are still there. */
const PAUSE_MS = 1_000;

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly leadsSession: boolean;
  /** Tells two processes with one number apart; empty where the system does not say. */
  readonly startedAt: string;
  readonly command: string;
}

/** Programs that run scripts: `npm exec` (which npx calls itself), `pnpm demo`, `node …/npx-cli.js`, `turbo run dev`. */
const runner = /^(?:\S*\/)?(?:node\s+(?:\S*\/)?)?(?:npx|npm|pnpm|turbo)(?:-cli)?(?:\.[cm]?js)?(?:\s|$)/;

/**
 * Calls `onGone` once when one of the programs that launched this process, up to the outermost `npx`, `npm`,
 * `pnpm` or `turbo`, has ended. They pass on neither the news of their death nor most signals: whoever kills
 * an `npx` leaves all that it started running.
 *
 * @returns a function that ends the watch.
 */
export function watchLaunchers(onGone: (what: string) => void): () => void {
  const ancestors = ancestorsOf(process.ppid);
  const outermost = ancestors.findLastIndex(({ command }) => runner.test(command));
  const launchers = ancestors.slice(0, Math.max(outermost + 1, 1));
  const lost = lostNpx(ancestors);
  const timer = setInterval(() => {
    const gone = lost ?? launchers.find((launcher) => !isSame(launcher))?.command;
    if (gone === undefined) return;
    clearInterval(timer);
    onGone(gone.split(' ').slice(0, 3).join(' '));
  }, PAUSE_MS);
  timer.unref();
  return () => clearInterval(timer);
}

function ancestorsOf(pid: number): Process[] {
  const ancestors: Process[] = [];
  for (let next = pid; next > 1; ) {
    const found = look(next);
    if (found === undefined) break;
    ancestors.push(found);
    next = found.parent;
  }
  return ancestors;
}

/**
 * An npx that ended before this process began, as during the minutes of a first install: it has left its
 * settings in the environment, but is no ancestor. A terminal opened from such an environment does not count.
 */
function lostNpx(ancestors: readonly Process[]): string | undefined {
  const npxWasThere = process.platform === 'linux' && process.env['npm_config_package'] !== undefined;
  const isThere = ancestors.some(({ command, leadsSession }) => leadsSession || /\bnp[mx]\b/.test(command));
  return npxWasThere && !isThere ? 'npx' : undefined;
}

function isSame(launcher: Process): boolean {
  const now = look(launcher.pid);
  return now !== undefined && now.startedAt === launcher.startedAt;
}

function look(pid: number): Process | undefined {
  return process.platform === 'linux' ? lookInProc(pid) : lookWithPs(pid);
}

function lookInProc(pid: number): Process | undefined {
  try {
    // The second field is the name in parentheses, with anything in it. See proc_pid_stat(5).
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, parent] = fields;
    if (state === 'Z' || state === 'X') return undefined;
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    const leadsSession = fields[3] === String(pid);
    return { pid, parent: Number(parent), leadsSession, startedAt: fields[19] ?? '', command };
  } catch {
    return undefined;
  }
}

function lookWithPs(pid: number): Process | undefined {
  try {
    const line = execFileSync('ps', ['-o', 'ppid=,command=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    const match = /^(?<parent>\d+)\s+(?<command>.*)$/.exec(line);
    if (match?.groups === undefined) return undefined;
    const { parent, command } = match.groups;
    return { pid, parent: Number(parent), leadsSession: false, startedAt: '', command: command ?? '' };
  } catch {
    return undefined;
  }
}
