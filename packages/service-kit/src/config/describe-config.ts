import { type ConfigDefinition, settingsOf } from './define-config.ts';
import { formatOf, formatValue } from './value-format.ts';

/** One option, as the documentation shows it. */
export interface ConfigRow {
  readonly group: string;
  /** Dotted name, such as `server.listen`. */
  readonly option: string;
  readonly env: string;
  /** The option's meaning. */
  readonly doc: string;
  /** What it takes, in a few words. */
  readonly format: string;
  /** As it would be written in the environment; undefined when there is none. */
  readonly default: string | undefined;
  /** Without it the service does not start. */
  readonly required: boolean;
  readonly secret: boolean;
}

/** The rows of a configuration's documentation, in the order of declaration. */
export function describeConfig(definition: ConfigDefinition): ConfigRow[] {
  return settingsOf(definition).map(({ group, option, setting }) => ({
    group,
    option,
    env: setting.env,
    doc: setting.doc,
    format: formatOf(setting.schema),
    default: setting.default === undefined ? undefined : formatValue(setting.default),
    required: setting.default === undefined && !setting.schema.safeParse(undefined).success,
    secret: setting.secret,
  }));
}

/** A section of docs/configuration.md: a heading and one table for all options of a program. */
export function renderConfigDocs(title: string, definition: ConfigDefinition): string {
  const rows = describeConfig(definition).map(
    (row) =>
      `| \`${row.env}\` | ${cell(row.doc)}${row.secret ? ' Secret.' : ''} | ${cell(row.format)} | ${defaultCell(row)} |`,
  );
  return [
    `## ${title}`,
    '',
    '| variable | meaning | takes | default |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

function defaultCell(row: ConfigRow): string {
  if (row.required) return '**required**';
  if (row.default === undefined) return 'unset';
  return row.secret ? '(hidden)' : `\`${cell(row.default)}\``;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
