import { pathToFileURL } from 'node:url';
import type { DataConverter, PayloadCodec } from '@temporalio/common';
import type { TemporalDefinition } from './target-definitions.ts';
import type { TargetProblems } from './target-problems.ts';

/**
 * Loads the callers' data converter: results have to be encoded as their workflows decode them. Modules are loaded now,
 * so that what is wrong with them is known before a result waits.
 */
export async function loadDataConverter(
  place: string,
  { payloadConverter, failureConverter, codecs }: TemporalDefinition,
  problems: TargetProblems,
): Promise<DataConverter | undefined> {
  if (payloadConverter === undefined && failureConverter === undefined && codecs === undefined)
    return undefined;
  const converters = {
    ...(await converterPath(`${place}.payloadConverter`, 'payloadConverter', payloadConverter, problems)),
    ...(await converterPath(`${place}.failureConverter`, 'failureConverter', failureConverter, problems)),
  };
  const payloadCodecs: PayloadCodec[] = [];
  for (const [index, path] of (codecs ?? []).entries()) {
    const codec = await exported(`${place}.codecs[${index}]`, 'payloadCodec', path, problems);
    if (codec !== undefined) payloadCodecs.push(codec as PayloadCodec);
  }
  return { ...converters, ...(payloadCodecs.length > 0 && { payloadCodecs }) };
}

const METHODS = {
  payloadConverter: ['toPayload', 'fromPayload'],
  failureConverter: ['errorToFailure', 'failureToError'],
  payloadCodec: ['encode', 'decode'],
} as const;

async function converterPath(
  place: string,
  name: 'payloadConverter' | 'failureConverter',
  path: string | undefined,
  problems: TargetProblems,
): Promise<DataConverter> {
  if (path === undefined) return {};
  await exported(place, name, path, problems);
  return { [`${name}Path`]: problems.pathOf(path) };
}

/** What a module exports by this name, if it can do what it has to. */
async function exported(
  place: string,
  name: keyof typeof METHODS,
  path: string,
  problems: TargetProblems,
): Promise<unknown> {
  const [first, second] = METHODS[name];
  const expected = `a module with an export "${name}" that has the methods ${first} and ${second}`;
  let value: unknown;
  try {
    const module = (await import(pathToFileURL(problems.pathOf(path)).href)) as Record<string, unknown>;
    value = module[name] ?? (module['default'] as Record<string, unknown> | undefined)?.[name];
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return problems.add(place, expected, `${JSON.stringify(path)} (${message})`);
  }
  const methods = value as Record<string, unknown> | undefined;
  if (typeof methods?.[first] === 'function' && typeof methods[second] === 'function') return value;
  return problems.add(place, expected, JSON.stringify(path));
}
