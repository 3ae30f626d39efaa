import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { cpuMsOfStat } from '../proc-stat.ts';

/** What a process has used, as the system tells it. */
export interface ProcessUsage {
  readonly residentBytes: number;
  /** In user and in kernel mode, of all its threads, since its start. */
  readonly cpuMs: number;
}

/**
 * Reads what a process uses: from `/proc` where there is one, else by `ps`.
 *
 * @throws Error when there is no such process
 */
export async function usageOf(pid: number): Promise<ProcessUsage> {
  return process.platform === 'linux' ? fromProc(pid) : fromPs(pid);
}

async function fromProc(pid: number): Promise<ProcessUsage> {
  const [status, stat] = await Promise.all([
    readFile(`/proc/${pid}/status`, 'utf8'),
    readFile(`/proc/${pid}/stat`, 'utf8'),
  ]);
  const resident = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
  return { residentBytes: resident * 1_024, cpuMs: cpuMsOfStat(stat) };
}

async function fromPs(pid: number): Promise<ProcessUsage> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=,time=', '-p', String(pid)]);
  const [resident, time = ''] = stdout.trim().split(/\s+/);
  return { residentBytes: Number(resident) * 1_024, cpuMs: readClock(time) };
}

/** `[[days-]hours:]minutes:seconds`, as `ps` shows it. */
export function readClock(text: string): number {
  const [clock = '', days = '0'] = text.split('-').toReversed();
  const seconds = clock.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  return (Number(days) * 86_400 + seconds) * 1_000;
}
