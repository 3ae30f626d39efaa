import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { HandshakeError } from '@token-handshake/core';
import {
  HttpsTarget,
  type HttpsTargetOptions,
  type TemporalTargetOptions,
} from '@token-handshake/core/callee';
import type { TemporalEndpoint } from '@token-handshake/service-kit';
import { parseDocument } from 'yaml';
import type { z } from 'zod';
import { loadDataConverter } from './load-data-converter.ts';
import {
  type HttpsDefinition,
  httpsDefinition,
  type TemporalDefinition,
  temporalDefinition,
} from './target-definitions.ts';
import { TargetProblems } from './target-problems.ts';
import { temporalReach } from './temporal-reach.ts';

/** The name of the server's own Temporal as a target. */
export const DEFAULT_TARGET = 'temporal:default';

/** A target of the file, checked, with everything that it names read. */
export type ConfiguredTarget =
  | {
      readonly kind: 'temporal';
      readonly name: string;
      /** Absent for the server's own Temporal. */
      readonly endpoint?: TemporalEndpoint;
      readonly options: Pick<
        TemporalTargetOptions,
        'activityTypes' | 'beatsPerSecond' | 'mayAsk' | 'questionsPerSecond' | 'dataConverter'
      >;
    }
  | { readonly kind: 'https'; readonly name: string; readonly options: HttpsTargetOptions };

/**
 * Reads the file of targets: YAML, or JSON, which is YAML too.
 *
 * @throws ConfigError naming every problem
 */
export async function readTargets(file: string): Promise<readonly ConfiguredTarget[]> {
  const problems = new TargetProblems(dirname(resolve(file)));
  const entries = entriesOf(await readText(file, problems), problems);
  const targets: ConfiguredTarget[] = [];
  for (const [index, entry] of entries.entries()) {
    const place = `targets[${index}]`;
    const target = isHttps(entry)
      ? await httpsOf(place, parsed(place, httpsDefinition, entry, problems), problems)
      : await temporalOf(place, parsed(place, temporalDefinition, entry, problems), problems);
    if (!target) continue;
    if (targets.some(({ name }) => name === target.name)) {
      problems.add(place, 'a target that is not there yet', `"${target.name}" for a second time`);
    }
    targets.push(target);
  }
  problems.throwIfAny();
  return targets;
}

async function readText(file: string, problems: TargetProblems): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'an error';
    problems.add('the file', 'a file that can be read', `${JSON.stringify(file)} (${code})`);
    problems.throwIfAny();
    throw error;
  }
}

function entriesOf(text: string, problems: TargetProblems): readonly unknown[] {
  const document = parseDocument(text);
  for (const { message } of document.errors) {
    problems.add('the file', 'YAML', message.split('\n')[0] ?? message);
  }
  if (document.errors.length > 0) return [];
  const content: unknown = document.toJS();
  const targets = (content as { readonly targets?: unknown } | null)?.targets;
  if (Array.isArray(targets)) return targets;
  problems.add('targets', 'a list', typeof targets === 'undefined' ? 'nothing' : typeof targets);
  return [];
}

function isHttps(entry: unknown): boolean {
  return typeof entry === 'object' && entry !== null && 'origin' in entry;
}

function parsed<Schema extends z.ZodType>(
  place: string,
  schema: Schema,
  entry: unknown,
  problems: TargetProblems,
): z.output<Schema> | undefined {
  const result = schema.safeParse(entry);
  if (result.success) return result.data;
  for (const { path, message } of result.error.issues) {
    const at = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
    problems.add(
      `${place}${at}`,
      message.replace(/^Invalid input: /, '').replace(/^expected /, ''),
      'something else',
    );
  }
  return undefined;
}

async function temporalOf(
  place: string,
  definition: TemporalDefinition | undefined,
  problems: TargetProblems,
): Promise<ConfiguredTarget | undefined> {
  if (!definition) return undefined;
  const { name, activityTypes, mayAsk, questionsPerSecond, beatsPerSecond } = definition;
  const endpoint = await temporalReach(place, definition, problems);
  const dataConverter = await loadDataConverter(place, definition, problems);
  return {
    kind: 'temporal',
    name,
    ...(endpoint && { endpoint }),
    options: {
      ...(activityTypes && { activityTypes }),
      ...(mayAsk !== undefined && { mayAsk }),
      ...(questionsPerSecond !== undefined && { questionsPerSecond }),
      ...(dataConverter && { dataConverter }),
      ...(beatsPerSecond !== undefined && { beatsPerSecond }),
    },
  };
}

async function httpsOf(
  place: string,
  definition: HttpsDefinition | undefined,
  problems: TargetProblems,
): Promise<ConfiguredTarget | undefined> {
  if (!definition) return undefined;
  const { caFile, origin, activityTypes, allowPrivateAddresses, beatsPerSecond } = definition;
  const ca = await problems.read(`${place}.caFile`, caFile);
  const options: HttpsTargetOptions = {
    origin,
    ...(activityTypes && { activityTypes }),
    ...(allowPrivateAddresses !== undefined && { allowPrivateAddresses }),
    ...(ca && { ca }),
    ...(beatsPerSecond !== undefined && { beatsPerSecond }),
  };
  try {
    void new HttpsTarget(options).close();
  } catch (error) {
    if (!HandshakeError.is(error)) throw error;
    problems.add(`${place}.origin`, 'an exact origin', error.message);
  }
  return { kind: 'https', name: origin, options };
}
