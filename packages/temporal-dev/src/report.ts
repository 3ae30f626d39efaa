/** Receives one line of progress, without a line end. */
export type Report = (line: string) => void;

/** The default {@link Report}: standard error, so that standard output stays free for results. */
export function reportToStderr(line: string): void {
  process.stderr.write(`temporal-dev: ${line}\n`);
}
