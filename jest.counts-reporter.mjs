import { appendFileSync } from 'node:fs';

/** Appends "passed failed" to the file named by TEST_COUNTS_FILE, so that a run over many packages can be summed. */
export default class CountsReporter {
  onRunComplete(_contexts, results) {
    const file = process.env.TEST_COUNTS_FILE;
    if (!file) return;
    // A file that could not even be loaded has no tests to count: it counts as one failure.
    appendFileSync(
      file,
      `${results.numPassedTests} ${results.numFailedTests + results.numRuntimeErrorTestSuites}\n`,
    );
  }
}
