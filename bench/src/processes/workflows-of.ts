import { workflowSource } from '@token-handshake/service-kit';
import type { OwnProcessName } from './process-names.ts';

/** The workflows of a process. There is no build of the bench: they are bundled here, or were before, from the same. */
export function workflowsOf(name: Exclude<OwnProcessName, 'agent'>): ReturnType<typeof workflowSource> {
  const location = (path: string) => new URL(`./${name}/${path}`, import.meta.url);
  return workflowSource({ sourcePath: location('workflows'), bundlePath: location('workflow-bundle.js') });
}
