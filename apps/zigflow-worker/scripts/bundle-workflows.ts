import { writeWorkflowBundle } from '@token-handshake/service-kit';
import { WORKFLOWS_FOLDER } from '../src/workflow-bundle.ts';

// Run by the build: what a built worker loads instead of bundling at each start.
await writeWorkflowBundle(WORKFLOWS_FOLDER, new URL('../dist/bundled-workflows.js', import.meta.url));
