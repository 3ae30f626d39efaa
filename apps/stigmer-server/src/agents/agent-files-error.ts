import { exitCodes } from '@token-handshake/service-kit';

/** What is wrong with one definition. */
export interface AgentFileProblem {
  /** File and line. */
  readonly place: string;
  readonly message: string;
}

/** The operator's folder of agents cannot be used as it is; every problem is in the message. */
export class AgentFilesError extends Error {
  readonly code = 'AGENT_FILES_INVALID';
  /** What the process ends with at its start. */
  readonly exitCode = exitCodes.config;
  readonly problems: readonly AgentFileProblem[];

  constructor(problems: readonly AgentFileProblem[], options?: { readonly cause?: unknown }) {
    super(
      [
        'The agents of AGENTS_DIR cannot be used:',
        ...problems.map(({ place, message }) => `${place}: ${message}`),
      ].join('\n  '),
      options,
    );
    this.name = 'AgentFilesError';
    this.problems = problems;
  }
}
