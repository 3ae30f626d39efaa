import type { ExpressionEngine } from '../expression/engine.ts';
import { type CallAgentDependencies, createCallAgent } from './call-agent.ts';
import { type Activities, CALL_AGENT, EVALUATE, type LocalActivities, RESOLVE_DOCUMENT } from './contract.ts';
import { createEvaluate } from './evaluate.ts';
import { createResolveDocument, type ResolveDocumentDependencies } from './resolve-document.ts';

/** What the activities need. */
export interface ActivityDependencies extends CallAgentDependencies, ResolveDocumentDependencies {
  readonly engine: ExpressionEngine;
}

/** The activities of every worker, by their names on the wire. */
export function createActivities(dependencies: ActivityDependencies): Activities & LocalActivities {
  return {
    [CALL_AGENT]: createCallAgent(dependencies),
    [RESOLVE_DOCUMENT]: createResolveDocument(dependencies),
    [EVALUATE]: createEvaluate(dependencies.engine),
  };
}
