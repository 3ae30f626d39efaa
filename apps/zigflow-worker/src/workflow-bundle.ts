import { workflowSource } from '@token-handshake/service-kit';

/** The folder of the workflows in the sources; `scripts/bundle-workflows.ts` makes the bundle from it. */
export const WORKFLOWS_FOLDER = new URL('./workflows', import.meta.url);
/** The bundle beside the built code, under a name that no module here compiles to. In the sources there is none. */
export const WORKFLOW_BUNDLE = new URL('./bundled-workflows.js', import.meta.url);

/** The workflows as a worker takes them: built beforehand, or bundled now from the sources. */
export function workflowBundle() {
  return workflowSource({ sourcePath: WORKFLOWS_FOLDER, bundlePath: WORKFLOW_BUNDLE });
}
