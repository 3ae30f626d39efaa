import { createRegistry, type DescFile } from '@bufbuild/protobuf';
import * as agent from './agent.ts';
import * as agentexecution from './agentexecution.ts';
import * as agentinstance from './agentinstance.ts';
import * as apiresource from './apiresource.ts';
import * as executioncontext from './executioncontext.ts';
import * as health from './health.ts';
import * as session from './session.ts';
import * as tokenhandshake from './tokenhandshake.ts';

const entries: Record<string, unknown>[] = [
  agent,
  agentexecution,
  agentinstance,
  apiresource,
  executioncontext,
  health,
  session,
  tokenhandshake,
];

/** Every file of the contract, without the field rules and Google's well-known types that they import. */
export const files: readonly DescFile[] = entries.flatMap((entry) => Object.values(entry).filter(isFile));

/** Every message, enum and service of the contract, to be looked up by full name. */
export const registry = createRegistry(...files);

function isFile(value: unknown): value is DescFile {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'file';
}
