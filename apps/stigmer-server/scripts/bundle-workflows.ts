import { writeWorkflowBundle } from '@token-handshake/service-kit';
import { WORKFLOW_SOURCE } from '../src/workflow-source.ts';

// The last step of the build: a deployed server has no sources to bundle.
const { sourcePath, bundlePath: _beside, ...extras } = WORKFLOW_SOURCE;
await writeWorkflowBundle(sourcePath, new URL('../dist/workflow-bundle.js', import.meta.url), extras);
