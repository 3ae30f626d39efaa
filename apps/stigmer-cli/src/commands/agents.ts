import { readFile } from 'node:fs/promises';
import { fromJson, type JsonValue } from '@bufbuild/protobuf';
import { type Agent, AgentSchema } from '@token-handshake/proto/agent';
import { parseAllDocuments } from 'yaml';
import type { Clients } from '../clients.ts';
import { CommandError } from '../command-error.ts';
import { exitCodes } from '../exit-codes.ts';
import { findAgent } from '../find-agent.ts';
import { type Output, showList, showOne } from '../output/output.ts';
import { cut } from '../output/words.ts';
import { pages } from '../pages.ts';

const columns = {
  slug: ({ metadata }: Agent) => metadata?.slug ?? '',
  org: ({ metadata }: Agent) => metadata?.org ?? '',
  runtime: ({ spec }: Agent) => spec?.runtime?.kind.case ?? '',
  description: ({ spec }: Agent) => cut(spec?.description ?? '', 60),
  id: ({ metadata }: Agent) => metadata?.id ?? '',
};

/** `agents list`. */
export async function listAgents({ agents }: Clients, output: Output): Promise<void> {
  const all = await pages(({ pageToken }) => agents.list({ pageToken }));
  showList(output, AgentSchema, all, columns);
}

/** `agents get`. */
export async function getAgent(clients: Clients, output: Output, name: string): Promise<void> {
  showOne(output, AgentSchema, await findAgent(clients, name));
}

/**
 * `agents apply`: creates or replaces each agent of the files. All of them are read before the first is sent.
 *
 * @throws CommandError with the exit code `data`
 */
export async function applyAgents(
  { agentCommands }: Clients,
  output: Output,
  files: readonly string[],
): Promise<void> {
  const agents = (await Promise.all(files.map(readAgents))).flat();
  const applied: Agent[] = [];
  for (const agent of agents) applied.push(await agentCommands.apply(agent));
  showList(output, AgentSchema, applied, columns);
}

async function readAgents(file: string): Promise<Agent[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new CommandError(exitCodes.notFound, `${file} cannot be read: ${(error as Error).message}`);
  }
  return parseAllDocuments(text).map((document) => {
    const [problem] = document.errors;
    if (problem) throw new CommandError(exitCodes.data, `${file} is no YAML: ${problem.message}`);
    try {
      return fromJson(AgentSchema, document.toJS() as JsonValue);
    } catch (error) {
      throw new CommandError(
        exitCodes.data,
        `${file} is no definition of an agent: ${(error as Error).message}`,
      );
    }
  });
}
