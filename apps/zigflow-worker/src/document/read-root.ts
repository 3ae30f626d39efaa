import type { DocumentReader, Located } from './reader.ts';
import { readTasks } from './tasks/read-task.ts';
import type { WorkflowDocument } from './workflow-document.ts';

/** Versions of the language that this worker reads: any 1.x.y. */
const SUPPORTED_DSL = /^1\.\d+\.\d+$/;

/** Reads the whole document: its head, and the workflows that its tasks make. */
export function readRoot(reader: DocumentReader, root: Located, file: string): WorkflowDocument[] {
  const fields = reader.mapping(root, {
    what: 'a workflow document',
    required: ['document', 'do'],
    optional: [],
    unsupported: ['input', 'output', 'timeout', 'schedule', 'use', 'evaluate'],
  });
  const head = fields?.get('document');
  const body = fields?.get('do');
  const about = head === undefined ? undefined : readHead(reader, head);
  const tasks = body === undefined ? undefined : readTasks(reader, body);
  if (about === undefined || tasks === undefined) return [];
  const { workflowType, ...rest } = about;
  // Several `do` tasks and nothing else beside them: each is a workflow of its own, named by its task.
  if (tasks.length > 1 && tasks.every((task) => task.kind === 'do')) {
    return tasks.map((task) => ({ file, ...rest, workflowType: task.name, tasks: [task] }));
  }
  return [{ file, ...rest, workflowType, tasks }];
}

function readHead(reader: DocumentReader, head: Located) {
  const fields = reader.mapping(head, {
    what: '"document"',
    required: ['dsl', 'taskQueue', 'workflowType', 'version'],
    optional: ['title', 'summary', 'tags'],
    unsupported: ['namespace', 'name', 'metadata'],
  });
  if (fields === undefined) return undefined;
  const text = (name: string) => {
    const field = fields.get(name);
    return field === undefined ? undefined : reader.text(field, `"${name}"`);
  };
  const [dsl, taskQueue, workflowType, version] = ['dsl', 'taskQueue', 'workflowType', 'version'].map(text);
  const dslField = fields.get('dsl');
  if (dsl !== undefined && dslField !== undefined && !SUPPORTED_DSL.test(dsl)) {
    reader.problem(dslField, `expected a version of the language such as "1.0.0", got "${dsl}"`);
  }
  if (taskQueue === undefined || workflowType === undefined || version === undefined) return undefined;
  return { taskQueue, workflowType, version };
}
