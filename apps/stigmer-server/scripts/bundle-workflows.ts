import { writeWorkflowBundle } from '@token-handshake/service-kit';

// The last step of the build: a deployed server has no sources to bundle.
await writeWorkflowBundle(
  new URL('../src/workflows', import.meta.url),
  new URL('../dist/workflow-bundle.js', import.meta.url),
);
