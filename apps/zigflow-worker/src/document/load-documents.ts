import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ExpressionEngine } from '../expression/engine.ts';
import { checkExpressions } from './check-expressions.ts';
import { duplicateProblems } from './document-catalog.ts';
import { parseDocument } from './parse-document.ts';
import { type Problem, sortProblems } from './problem.ts';
import type { WorkflowDocument } from './workflow-document.ts';

/** What was read. With a problem, some documents are missing: nothing should be run. */
export interface LoadedDocuments {
  readonly documents: readonly WorkflowDocument[];
  readonly problems: readonly Problem[];
}

/** Checks the text of one file completely, expressions included. */
export async function validateText(
  file: string,
  text: string,
  engine: ExpressionEngine,
): Promise<LoadedDocuments> {
  const parsed = parseDocument(file, text);
  const problems = [...parsed.problems, ...(await checkExpressions(file, parsed, engine))];
  return { documents: problems.length === 0 ? parsed.workflows : [], problems };
}

/** Reads and checks files. A file that cannot be read is a problem like any other. */
export async function loadFiles(
  files: readonly string[],
  engine: ExpressionEngine,
): Promise<LoadedDocuments> {
  const loaded = await Promise.all(files.map((file) => loadFile(file, engine)));
  const documents = loaded.flatMap((result) => result.documents);
  const problems = loaded.flatMap((result) => result.problems);
  return {
    // Histories need the name, not where this worker keeps its files.
    documents: documents.map((document) => ({ ...document, file: basename(document.file) })),
    problems: sortProblems([...problems, ...duplicateProblems(documents)]),
  };
}

/** Reads and checks every `*.yaml` and `*.yml` directly in a folder. None at all is no problem. */
export async function loadFolder(folder: string, engine: ExpressionEngine): Promise<LoadedDocuments> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    return { documents: [], problems: [unreadable(folder, error)] };
  }
  const files = names.filter((name) => /\.ya?ml$/.test(name) && !name.startsWith('.')).sort();
  return loadFiles(
    files.map((name) => join(folder, name)),
    engine,
  );
}

async function loadFile(file: string, engine: ExpressionEngine): Promise<LoadedDocuments> {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file));
  } catch (error) {
    return { documents: [], problems: [unreadable(file, error)] };
  }
  return validateText(file, text, engine);
}

function unreadable(file: string, error: unknown): Problem {
  const { code, message } = error as NodeJS.ErrnoException;
  const reason = code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'it is not UTF-8 text' : message;
  return { file, line: 1, column: 1, path: '', message: `cannot be read: ${reason}` };
}
