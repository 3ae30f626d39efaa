import { readdir, readFile } from 'node:fs/promises';
import { dirname, extname, join, resolve } from 'node:path';
import { fromJson, type JsonValue } from '@bufbuild/protobuf';
import { createValidator } from '@bufbuild/protovalidate';
import { type Agent, AgentSchema } from '@token-handshake/proto/agent';
import { LineCounter, parseAllDocuments } from 'yaml';
import { type AgentFileProblem, AgentFilesError } from './agent-files-error.ts';
import { referenceOf, slugOf } from './agent-reference.ts';

/** An agent of the operator's folder. */
export interface AgentFile {
  readonly agent: Agent;
  /** Absolute, with the line at which the definition begins. */
  readonly place: string;
  /** The folder of the file, absolute: where a program of the agent runs. */
  readonly folder: string;
}

const ENDINGS = new Set(['.yaml', '.yml', '.json']);

/**
 * Reads every definition in a folder and the folders in it: files that end with `.yaml`, `.yml` or `.json`, each with
 * one or more documents that are an `Agent` in the proto3 JSON mapping.
 *
 * @throws AgentFilesError naming every problem; then nothing is to be used
 */
export async function readAgents(dir: string): Promise<readonly AgentFile[]> {
  const problems: AgentFileProblem[] = [];
  const agents: AgentFile[] = [];
  for (const file of await agentFiles(resolve(dir))) {
    const text = await readFile(file, 'utf8');
    agents.push(...parseFile(file, text, problems));
  }
  refuseDoubles(agents, problems);
  if (problems.length > 0) throw new AgentFilesError(problems);
  return agents;
}

async function agentFiles(dir: string): Promise<string[]> {
  try {
    const entries = await readdir(dir, { withFileTypes: true, recursive: true });
    return entries
      .filter((entry) => !entry.isDirectory() && ENDINGS.has(extname(entry.name)))
      .map((entry) => join(entry.parentPath, entry.name))
      .toSorted();
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new AgentFilesError([{ place: dir, message: `the folder cannot be read: ${message}` }], { cause });
  }
}

function parseFile(file: string, text: string, problems: AgentFileProblem[]): AgentFile[] {
  const lineCounter = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter });
  return (Array.isArray(documents) ? documents : []).flatMap((document) => {
    for (const error of document.errors) {
      problems.push({ place: placeOf(file, error.linePos?.[0].line), message: firstLine(error.message) });
    }
    if (document.errors.length > 0) return [];
    const place = placeOf(file, lineCounter.linePos(document.contents?.range?.[0] ?? 0).line);
    const agent = agentOf(document.toJS() as JsonValue, place, problems);
    return agent === undefined ? [] : [{ agent, place, folder: dirname(file) }];
  });
}

const validator = createValidator();

function agentOf(value: JsonValue, place: string, problems: AgentFileProblem[]): Agent | undefined {
  if (value === null) return undefined;
  let agent: Agent;
  try {
    agent = fromJson(AgentSchema, value);
  } catch (error) {
    problems.push({ place, message: error instanceof Error ? error.message : String(error) });
    return undefined;
  }
  const validation = validator.validate(AgentSchema, agent);
  if (validation.kind === 'valid') {
    if (slugOf(agent.metadata?.slug || agent.metadata?.name || '') !== '') return agent;
    problems.push({ place, message: 'metadata.slug: expected a slug, or metadata.name to make one of' });
    return undefined;
  }
  problems.push({ place, message: validation.error.message });
  return undefined;
}

function refuseDoubles(agents: readonly AgentFile[], problems: AgentFileProblem[]): void {
  const places = new Map<string, string>();
  for (const { agent, place } of agents) {
    const { scope, org, slug } = referenceOf(agent);
    const key = [scope, org, slugOf(slug || (agent.metadata?.name ?? ''))].join('/');
    const other = places.get(key);
    if (other === undefined) places.set(key, place);
    else problems.push({ place, message: `the agent "${key}" is defined already at ${other}` });
  }
}

function placeOf(file: string, line: number | undefined): string {
  return line === undefined ? file : `${file}:${line}`;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text;
}
