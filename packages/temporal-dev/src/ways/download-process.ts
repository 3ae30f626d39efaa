// The program that `cached-download.ts` runs: `download-process FOLDER VERSION`.
//
// 1. The SDK downloads the CLI into FOLDER as a part of starting a local server with it.
// 2. The server is "started" with `--help`, so it ends at once and can be left behind by nobody.
// 3. Whoever started this program waits for the file, which appears whole, and then ends this program. If
//    the download fails, the reason is the last line of the output.
import { TestWorkflowEnvironment } from '@temporalio/testing';

const [downloadDir, version] = process.argv.slice(2);
if (downloadDir === undefined || version === undefined) throw new Error('expected a folder and a version');

try {
  const environment = await TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'cached-download', downloadDir, version, ttl: '3650 days' },
      extraArgs: ['--help'],
    },
  });
  await environment.teardown();
} catch (error) {
  // Each layer repeats the message of the one below.
  const parts = allMessages(error).flatMap((message) => message.split(/:?\s*\n\s*|: /));
  console.error([...new Set(parts)].join(': '));
  process.exitCode = 1;
}

function allMessages(error: unknown): string[] {
  return error instanceof Error ? [error.message, ...allMessages(error.cause)] : [];
}
