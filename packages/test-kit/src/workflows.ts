import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A workflow document: its YAML, and what the test needs of its head to start it. */
export interface WorkflowDocument {
  readonly workflowType: string;
  readonly taskQueue: string;
  readonly yaml: string;
}

/** What {@link workflow} takes. */
export interface WorkflowOptions {
  readonly workflowType: string;
  /** Default: `zigflow`. */
  readonly taskQueue?: string;
  /** Default: 1.0.0. */
  readonly version?: string;
  /** The YAML of the list behind `do:`; its indentation is its own. */
  readonly do: string;
}

/** Puts the head of a document before a list of tasks. */
export function workflow(options: WorkflowOptions): WorkflowDocument {
  const { workflowType, taskQueue = 'zigflow', version = '1.0.0' } = options;
  const head = { dsl: '1.0.0', taskQueue, workflowType, version };
  const yaml = `document: ${JSON.stringify(head)}\ndo:\n${indent(options.do)}\n`;
  return { workflowType, taskQueue, yaml };
}

/** Writes a document into the folder that the worker loads. */
export async function writeWorkflow(folder: string, document: WorkflowDocument): Promise<void> {
  await writeFile(join(folder, `${document.workflowType}.yaml`), document.yaml);
}

/** Takes away what all lines are indented by, and indents them by two. */
function indent(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const common = Math.min(...lines.map((line) => line.length - line.trimStart().length));
  return lines.map((line) => `  ${line.slice(common)}`).join('\n');
}
