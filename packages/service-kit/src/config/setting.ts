import type { z } from 'zod';

/** What a program may say about one option of its configuration. */
export interface SettingOptions<Schema extends z.ZodType> {
  /** The environment variable that carries the option. */
  readonly env: string;
  /** Turns the variable's text into the option's value; its messages say what was expected. */
  readonly schema: Schema;
  /**
   * The value when the variable is unset or empty: as text, exactly as it would be written in the
   * environment (it goes through the schema), or as an already parsed value. Without a default the
   * variable must be set, unless the schema itself accepts `undefined`.
   */
  readonly default?: string | z.output<Schema>;
  /** One or two sentences for the reader of docs/configuration.md. */
  readonly doc: string;
  /** The value never appears in an error, a log line or the documentation. Default: false. */
  readonly secret?: boolean;
}

/** One option, as {@link defineConfig} takes it. */
export interface Setting<Schema extends z.ZodType = z.ZodType> extends SettingOptions<Schema> {
  readonly secret: boolean;
}

/** Declares one option of a configuration. */
export function setting<Schema extends z.ZodType>(options: SettingOptions<Schema>): Setting<Schema> {
  return Object.freeze({ ...options, secret: options.secret ?? false });
}
