import { readFile, statfs } from 'node:fs/promises';
import { cpuMsOfStat } from './proc-stat.ts';
import { type ProcessName, processNames } from './processes/process-names.ts';

/** Numbers of Linux's file systems in memory, which `statfs` tells: nothing is written to a disk there. */
const IN_MEMORY_FILE_SYSTEMS: ReadonlySet<number> = new Set([0x01021994, 0x858458f6]);

/** What a process has used since it began; null where the platform does not tell. */
export interface ProcessUse {
  readonly cpuMs: number | null;
  /** Sent to the storage below. */
  readonly writtenBytes: number | null;
}

/** What each process has used. */
export type Uses = Readonly<Record<ProcessName, ProcessUse>>;

/** Reads what each process has used until now. */
export async function usesOf(pids: Readonly<Record<ProcessName, number>>): Promise<Uses> {
  const entries = processNames.map(async (name) => [name, await useOf(pids[name])] as const);
  return Object.fromEntries(await Promise.all(entries)) as Record<ProcessName, ProcessUse>;
}

/** What one process has used until now. */
export async function useOf(pid: number): Promise<ProcessUse> {
  const [stat, io] = await Promise.all([read(pid, 'stat'), read(pid, 'io')]);
  return {
    cpuMs: stat === undefined ? null : cpuMsOfStat(stat),
    writtenBytes: numberAfter('write_bytes: ', io),
  };
}

/** What was used between two readings. */
export function usedBetween(before: Uses, after: Uses): Uses {
  const minus = (a: number | null, b: number | null) => (a === null || b === null ? null : a - b);
  const entries = processNames.map((name) => [
    name,
    {
      cpuMs: minus(after[name].cpuMs, before[name].cpuMs),
      writtenBytes: minus(after[name].writtenBytes, before[name].writtenBytes),
    },
  ]);
  return Object.fromEntries(entries) as Record<ProcessName, ProcessUse>;
}

/** Whether bytes that are written into a folder can be counted. */
export async function countsWrites(folder: string): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  return !IN_MEMORY_FILE_SYSTEMS.has((await statfs(folder)).type);
}

async function read(pid: number, file: 'stat' | 'io'): Promise<string | undefined> {
  // No such folder on other platforms; `io` is not for everybody in some containers.
  return readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => undefined);
}

function numberAfter(label: string, text: string | undefined): number | null {
  const line = text?.split('\n').find((each) => each.startsWith(label));
  return line === undefined ? null : Number(line.slice(label.length));
}
