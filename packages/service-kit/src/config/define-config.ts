import type { z } from 'zod';
import type { Setting } from './setting.ts';

/** Options of one concern, by name. */
export type ConfigGroup = Readonly<Record<string, Setting>>;

/** A whole configuration: groups of options. */
export type ConfigDefinition = Readonly<Record<string, ConfigGroup>>;

/** The frozen values that a definition yields: `config.group.option`. */
export type Config<Definition extends ConfigDefinition> = {
  readonly [Group in keyof Definition]: {
    readonly [Option in keyof Definition[Group]]: Definition[Group][Option] extends Setting<infer Schema>
      ? z.output<Schema>
      : never;
  };
};

/**
 * Declares a configuration, grouped by concern.
 *
 * @throws Error when two options read the same environment variable: that is a bug of the program.
 */
export function defineConfig<const Definition extends ConfigDefinition>(definition: Definition): Definition {
  const seen = new Map<string, string>();
  for (const { option, setting } of settingsOf(definition)) {
    const other = seen.get(setting.env);
    if (other !== undefined) {
      throw new Error(
        `"${option}" and "${other}" both read ${setting.env}: give each option its own variable`,
      );
    }
    seen.set(setting.env, option);
  }
  return Object.freeze(definition);
}

/** Every option of a definition, in the order of declaration, with its dotted name. */
export function settingsOf(
  definition: ConfigDefinition,
): { group: string; name: string; option: string; setting: Setting }[] {
  return Object.entries(definition).flatMap(([group, options]) =>
    Object.entries(options).map(([name, setting]) => ({ group, name, option: `${group}.${name}`, setting })),
  );
}
