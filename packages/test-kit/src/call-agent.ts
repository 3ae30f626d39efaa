import { type WorkflowDocument, workflow } from './workflows.ts';

/** What {@link callAgent} takes. */
export interface CallAgentOptions {
  readonly workflowType: string;
  /** The agent's slug. */
  readonly agent: string;
  /** Default: the workflow's `text`. */
  readonly message?: string;
  /** Default: 10 s, as short as the tests can afford it on a busy machine. */
  readonly liveness?: string;
  /** Default: 5 min. */
  readonly result?: string;
  /** More lines of YAML for `with`, each on its own. */
  readonly with?: readonly string[];
}

/** A document with one task, `ask`, that calls an agent; its result is the execution as the caller gets it. */
export function callAgent(options: CallAgentOptions): WorkflowDocument {
  const { workflowType, agent, message = '${ $input.text }', liveness = '10s', result = '5m' } = options;
  const lines = [
    `agent: ${agent}`,
    `message: ${message}`,
    `timeouts: { result: ${result}, liveness: ${liveness} }`,
    ...(options.with ?? []),
  ];
  return workflow({
    workflowType,
    do: ['- ask:', '    call: agent', '    with:', ...lines.map((line) => `      ${line}`)].join('\n'),
  });
}
