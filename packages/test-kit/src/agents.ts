import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** An agent that is a program. */
export interface CommandDefinition {
  readonly command: {
    readonly argv: readonly string[];
    readonly envAllow?: readonly string[];
    readonly timeoutSeconds?: number;
  };
}

/** How an agent of a test is executed; see `AgentRuntime` of the contract. */
export type AgentRuntimeDefinition =
  | CommandDefinition
  | { readonly summarizer: { readonly maxSentences?: number } }
  | {
      readonly runner: {
        readonly taskQueue: string;
        readonly namesThreads?: boolean;
        readonly finalByUpdate?: boolean;
        readonly secretsByReference?: boolean;
        readonly resumesFromDetails?: boolean;
      };
    };

/** What {@link agent} takes. */
export interface AgentOptions {
  readonly slug: string;
  /** Without one, the agent needs a runner of the test's own on the runner's queue. */
  readonly runtime?: AgentRuntimeDefinition;
  /** Default: a sentence that satisfies the contract. */
  readonly instructions?: string;
}

/** An agent as a file of the operator's folder holds it: the contract's message in proto3 JSON. */
export interface AgentDefinition {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly spec: Readonly<Record<string, unknown>>;
}

/** Defines an agent that every organization finds by its slug. */
export function agent(options: AgentOptions): AgentDefinition {
  const { slug, runtime, instructions = 'Answer as the test expects it.' } = options;
  return {
    apiVersion: 'agentic.stigmer.ai/v1',
    kind: 'Agent',
    metadata: { name: slug, slug, ownerScope: 'platform' },
    spec: { instructions, ...(runtime === undefined ? {} : { runtime }) },
  };
}

/** Writes one file for each agent; JSON is YAML too. */
export async function writeAgents(folder: string, agents: readonly AgentDefinition[]): Promise<void> {
  await Promise.all(
    agents.map((definition) => {
      const file = join(folder, `${String(definition.metadata['slug'])}.yaml`);
      return writeFile(file, JSON.stringify(definition, undefined, 2));
    }),
  );
}
