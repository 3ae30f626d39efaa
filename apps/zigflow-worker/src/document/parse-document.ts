import { LineCounter, type Node, parseAllDocuments } from 'yaml';
import type { Problem } from './problem.ts';
import { readRoot } from './read-root.ts';
import { DocumentReader, type FoundExpression } from './reader.ts';
import type { WorkflowDocument } from './workflow-document.ts';

/** A file larger than this is refused: each running workflow keeps its document in its history. */
export const MAX_DOCUMENT_BYTES = 256 * 1024;

/** What a file's text holds. Its expressions are found, not yet checked. */
export interface ParsedDocument {
  /** Empty when there is a problem. */
  readonly workflows: readonly WorkflowDocument[];
  readonly expressions: readonly FoundExpression[];
  readonly problems: readonly Problem[];
  /** For problems that are found later. */
  readonly reader: DocumentReader;
}

/**
 * Reads the text of a workflow file. Never throws for what is in the text: each problem comes with its place.
 *
 * @param file - the file's name, for messages
 */
export function parseDocument(file: string, text: string): ParsedDocument {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const documents = 'empty' in parsed ? [] : parsed;
  const first = documents[0];
  const reader = new DocumentReader(file, text, lines, first ?? (documents as never));
  const bytes = Buffer.byteLength(text);
  const workflows: WorkflowDocument[] = [];

  for (const { errors } of documents) {
    for (const error of errors) reader.problemAt(error.pos[0], '', `not valid YAML: ${error.message}`);
  }
  if (bytes > MAX_DOCUMENT_BYTES) {
    reader.problemAt(
      0,
      '',
      `expected at most ${MAX_DOCUMENT_BYTES / 1024} KiB, got ${Math.ceil(bytes / 1024)} KiB`,
    );
  } else if (first === undefined || first.contents === null) {
    reader.problemAt(0, '', 'expected a workflow document, got an empty file');
  } else if (documents.length > 1) {
    const second = documents[1]?.range[0] ?? 0;
    reader.problemAt(second, '', 'expected one document in the file, got several: put each in its own file');
  } else if (reader.problems.length === 0) {
    workflows.push(...readRoot(reader, { node: first.contents as Node, path: '' }, file));
  }
  return {
    workflows: reader.problems.length === 0 ? workflows : [],
    expressions: reader.expressions,
    problems: reader.problems,
    reader,
  };
}
