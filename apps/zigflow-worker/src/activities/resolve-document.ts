import type { JsonValue } from '@token-handshake/core';
import type { DocumentCatalog } from '../document/document-catalog.ts';
import type { Task } from '../document/task.ts';
import { expressionsIn } from '../expression/expression.ts';
import type { LocalActivities, RESOLVE_DOCUMENT, ResolvedWorkflow } from './contract.ts';

/** What the activity looks things up in. */
export interface ResolveDocumentDependencies {
  readonly catalog: DocumentCatalog;
  /** The variables for `$env`, by their names there. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeouts: ResolvedWorkflow['timeouts'];
}

/** The local activity that fixes, at a workflow's start, what it runs on. */
export function createResolveDocument({
  catalog,
  env,
  timeouts,
}: ResolveDocumentDependencies): LocalActivities[typeof RESOLVE_DOCUMENT] {
  return async ({ workflowType, taskQueue }) => {
    const document = catalog.find(workflowType, taskQueue);
    if (document === undefined) return { known: catalog.workflowTypes(taskQueue) };
    return { document, env: namedIn(document.tasks, env), timeouts, findsPaths: true };
  };
}

/** Only the variables that the document can read: the others need not be in its histories. */
function namedIn(tasks: readonly Task[], env: Readonly<Record<string, string>>): Record<string, string> {
  const sources = expressionsIn(tasks as unknown as JsonValue).join('\n');
  const uses = sources.match(/\$env(?![A-Za-z0-9_])/g)?.length ?? 0;
  const named = [...sources.matchAll(/\$env\.([A-Za-z_][A-Za-z0-9_]*)/g)].map((match) => match[1] ?? '');
  // A use that names no variable at once, such as `$env[$name]`, may read any.
  if (named.length < uses) return { ...env };
  return Object.fromEntries(Object.entries(env).filter(([name]) => named.includes(name)));
}
