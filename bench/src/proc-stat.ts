/** Linux tells processor time in hundredths of a second, on every machine that Node runs on. */
const TICK_MS = 10;

/**
 * The processor time of a process with all its threads, in itself and in the system for it, in milliseconds since its
 * start: from the content of `/proc/PID/stat`.
 */
export function cpuMsOfStat(stat: string): number {
  // The name of the program, in parentheses, may hold anything; the times are the 12th and 13th field behind it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}
