import { ApplicationFailure } from '@temporalio/common';
import type { FailureType } from '../failure-types.ts';

/** Shorter values are too common to be looked for in a text. */
const SHORTEST_SECRET = 6;

/** The variables of one run: the execution's, then the server's own. */
export class Environment {
  readonly #execution: Readonly<Record<string, string>>;
  readonly #secrets: readonly string[];
  readonly #own: NodeJS.ProcessEnv;
  readonly #used = new Set<string>();

  /** @param given what the execution has; `secrets` are the values of it that nobody may see */
  constructor(
    given: { readonly values: Readonly<Record<string, string>>; readonly secrets: readonly string[] },
    own: NodeJS.ProcessEnv,
  ) {
    this.#execution = given.values;
    this.#secrets = given.secrets;
    this.#own = own;
  }

  /** @throws ApplicationFailure `AgentNotRunnable` where there is no such variable */
  require(name: string): string {
    const value = this.#execution[name] ?? this.#own[name];
    if (value === undefined || value === '') {
      throw ApplicationFailure.nonRetryable(
        `the agent needs the variable ${name}: set it in the execution's runtime_env, or in the server's environment`,
        'AgentNotRunnable' satisfies FailureType,
      );
    }
    this.#used.add(value);
    return value;
  }

  /** Puts variables in for `${NAME}`. */
  fill(template: string): string {
    return template.replaceAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, name: string) => this.require(name));
  }

  /** Values of {@link fill}. */
  fillAll(templates: Readonly<Record<string, string>>): Record<string, string> {
    return Object.fromEntries(
      Object.entries(templates).map(([name, template]) => [name, this.fill(template)]),
    );
  }

  /** A text without secret values, as it may be shown and logged. */
  redact(text: string): string {
    let redacted = text;
    for (const value of [...this.#secrets, ...this.#used]) {
      if (value.length < SHORTEST_SECRET) continue;
      for (const form of new Set([value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1)]))
        redacted = redacted.replaceAll(form, '[redacted]');
    }
    return redacted;
  }
}
