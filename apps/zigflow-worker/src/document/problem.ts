/** A place in a file; both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One thing that is wrong with a workflow file. */
export interface Problem extends Position {
  /** The file as it was named. */
  readonly file: string;
  /** Where in the document, such as `do[1].summarize.with.agent`; empty for the whole file. */
  readonly path: string;
  /** What was expected, what came, and what to do. */
  readonly message: string;
}

/** One line for people, in the form that editors jump to: `file:line:column: path: message`. */
export function formatProblem({ file, line, column, path, message }: Problem): string {
  return `${file}:${line}:${column}: ${path === '' ? '' : `${path}: `}${message}`;
}

/** Problems in the order of their places, file by file. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  return [...problems].sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column);
}
