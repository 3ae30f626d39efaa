import type { Problem } from './problem.ts';
import type { WorkflowDocument } from './workflow-document.ts';

/** The documents that a worker serves, by task queue and workflow type. */
export class DocumentCatalog {
  readonly #documents: readonly WorkflowDocument[];

  constructor(documents: readonly WorkflowDocument[]) {
    this.#documents = documents;
  }

  find(workflowType: string, taskQueue: string): WorkflowDocument | undefined {
    return this.#documents.find(
      (document) => document.workflowType === workflowType && document.taskQueue === taskQueue,
    );
  }

  /** The types of one queue, sorted. */
  workflowTypes(taskQueue: string): string[] {
    return this.#documents
      .filter((document) => document.taskQueue === taskQueue)
      .map((document) => document.workflowType)
      .sort();
  }

  /** Every queue that has a document, sorted. */
  taskQueues(): string[] {
    return [...new Set(this.#documents.map((document) => document.taskQueue))].sort();
  }
}

/** One problem for each document whose type another document of its queue already has. */
export function duplicateProblems(documents: readonly WorkflowDocument[]): Problem[] {
  const first = new Map<string, WorkflowDocument>();
  return documents.flatMap((document) => {
    const { workflowType, taskQueue, file } = document;
    const key = JSON.stringify([taskQueue, workflowType]);
    const other = first.get(key);
    if (other === undefined) {
      first.set(key, document);
      return [];
    }
    const message = `expected one document for the workflow type "${workflowType}" on the task queue "${taskQueue}", but "${other.file}" has it too: rename one`;
    return [{ file, line: 1, column: 1, path: 'document.workflowType', message }];
  });
}
