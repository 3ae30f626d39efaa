import { exitCodes } from '../lifecycle/exit-codes.ts';

const brand = Symbol.for('@token-handshake/service-kit.ConfigError');

/** What is wrong with one option. */
export interface ConfigProblem {
  /** Dotted name, such as `server.listen`. */
  readonly option: string;
  /** The environment variable it is read from. */
  readonly env: string;
  /** What the option takes. */
  readonly expected: string;
  /** What came, quoted; "nothing" when unset; "(hidden)" for a secret. */
  readonly received: string;
  /** What to do about it. */
  readonly advice: string;
}

/** The configuration cannot be used; every problem is in it, not only the first. */
export class ConfigError extends Error {
  readonly code = 'CONFIG_INVALID';
  /** What {@link runService} and {@link readConfigOrExit} end the process with. */
  readonly exitCode = exitCodes.config;
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(['The configuration cannot be used:', ...problems.map(describeProblem)].join('\n  '));
    this.name = 'ConfigError';
    this.problems = problems;
    Object.defineProperty(this, brand, { value: true });
  }

  /** True for a ConfigError of any copy of this package and of any realm. */
  static is(value: unknown): value is ConfigError {
    return typeof value === 'object' && value !== null && brand in value;
  }
}

function describeProblem(problem: ConfigProblem): string {
  return `${problem.option} (${problem.env}): expected ${problem.expected}, got ${problem.received}. ${problem.advice}`;
}
