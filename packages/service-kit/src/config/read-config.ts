import { ConfigError, type ConfigProblem } from './config-error.ts';
import { type Config, type ConfigDefinition, settingsOf } from './define-config.ts';
import type { Setting } from './setting.ts';
import { formatOf } from './value-format.ts';

/** Environment variables, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads a configuration from the environment, once: parsed, grouped by concern, deeply frozen.
 * An empty variable counts as unset.
 *
 * @throws ConfigError naming every option that cannot be used.
 */
export function readConfig<Definition extends ConfigDefinition>(
  definition: Definition,
  env: Environment,
): Config<Definition> {
  const problems: ConfigProblem[] = [];
  const config: Record<string, Record<string, unknown>> = {};
  for (const { group, name, option, setting } of settingsOf(definition)) {
    const outcome = readSetting(option, setting, env[setting.env]);
    if ('problem' in outcome) problems.push(outcome.problem);
    else config[group] = { ...config[group], [name]: deepFreeze(outcome.value) };
  }
  if (problems.length > 0) throw new ConfigError(problems);
  for (const group of Object.values(config)) Object.freeze(group);
  return Object.freeze(config) as Config<Definition>;
}

function readSetting(
  option: string,
  setting: Setting,
  raw: string | undefined,
): { value: unknown } | { problem: ConfigProblem } {
  const text = raw === '' ? undefined : raw;
  if (text === undefined && setting.default !== undefined && typeof setting.default !== 'string') {
    return { value: setting.default };
  }
  const input = text ?? setting.default;
  const parsed = setting.schema.safeParse(input);
  if (parsed.success) return { value: parsed.data };
  const messages = parsed.error.issues.map((issue) => issue.message).join('; ');
  const expected = input === undefined ? formatOf(setting.schema) : withoutPrefix(messages);
  return {
    problem: {
      option,
      env: setting.env,
      expected: setting.secret && text !== undefined ? expected.replaceAll(text, '(hidden)') : expected,
      received: received(text, setting),
      advice: advice(setting, text),
    },
  };
}

/** Zod's own messages begin with "Invalid input: expected …": the sentence around them says "expected" already. */
function withoutPrefix(message: string): string {
  return message.replace(/^Invalid (?:input|option): /, '').replace(/^expected /, '');
}

function received(text: string | undefined, setting: Setting): string {
  if (text === undefined)
    return setting.default === undefined ? 'nothing' : `the default ${JSON.stringify(setting.default)}`;
  return setting.secret ? '(hidden)' : JSON.stringify(text);
}

function advice(setting: Setting, text: string | undefined): string {
  if (text === undefined) return `Set ${setting.env}: ${setting.doc}`;
  if (setting.default !== undefined) return `Correct ${setting.env}, or unset it to use the default.`;
  if (setting.schema.safeParse(undefined).success) return `Correct ${setting.env}, or unset it.`;
  return `Correct ${setting.env}: ${setting.doc}`;
}

function deepFreeze<Value>(value: Value): Value {
  const plain = Array.isArray(value) || (typeof value === 'object' && value !== null && isPlain(value));
  if (!plain || Object.isFrozen(value)) return value;
  for (const inner of Object.values(value)) deepFreeze(inner);
  return Object.freeze(value);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
