import { join } from 'node:path';
import { forkUntilReady, type OwnProcess } from './fork-until-ready.ts';
import type { OwnProcessName } from './process-names.ts';

/**
 * Starts one of the processes of the shapes, and waits until its workers poll.
 *
 * @throws Error when it ends instead, or the signal's reason
 */
export function startProcess<Ready>(
  name: OwnProcessName,
  settings: object,
  signal: AbortSignal,
): Promise<OwnProcess<Ready>> {
  const file = join(import.meta.dirname, name, 'main.ts');
  return forkUntilReady({ name: `the ${name}'s process`, file, args: [JSON.stringify(settings)], signal });
}
