import { parentPort, workerData } from 'node:worker_threads';
import { summarize } from './summarize.ts';

/** What the thread is given. */
export interface SummarizerInput {
  readonly text: string;
  readonly maxSentences: number;
}

const { text, maxSentences } = workerData as SummarizerInput;
parentPort?.postMessage(summarize(text, { maxSentences }));
