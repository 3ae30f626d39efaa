/** A runner that is put to the test. */
export type Subject =
  | {
      /** The one inside of Stigmer's server: it is killed with its server. */
      readonly kind: 'embedded';
    }
  | {
      /** A program. It learns from its environment where Temporal and Stigmer are. */
      readonly kind: 'program';
      readonly command: string;
      readonly args: readonly string[];
      /** Beside what {@link runnerEnvironment} gives. Default: nothing. */
      readonly env?: Readonly<Record<string, string>>;
    };

/** What a runner can do beyond what every runner has to. */
export interface Abilities {
  /** A run that begins again repeats no step that was finished. */
  readonly resumes: boolean;
  /** It takes the details of the last heartbeat of an attempt that was lost, and gives them to the agent. */
  readonly resumesFromDetails: boolean;
  /** It gets secret values by `RunnerService.GetRunSecrets`. */
  readonly secretsByReference: boolean;
}

/** The environment variables by which a program under test learns where it is to work. */
export function runnerEnvironment(where: {
  readonly temporalAddress: string;
  readonly temporalNamespace: string;
  readonly stigmerAddress: string;
  readonly apiKey: string;
  readonly taskQueue: string;
}): Record<string, string> {
  return {
    TEMPORAL_ADDRESS: where.temporalAddress,
    TEMPORAL_NAMESPACE: where.temporalNamespace,
    STIGMER_ENDPOINT: `http://${where.stigmerAddress}`,
    STIGMER_API_KEY: where.apiKey,
    RUNNER_TASK_QUEUE: where.taskQueue,
  };
}
