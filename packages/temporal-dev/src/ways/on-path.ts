import { checkProgram } from './check-program.ts';
import { findPrograms } from './programs.ts';
import type { WayContext, WayResult } from './way.ts';

/** Looks for `temporal` in every folder of the PATH; one that is too old or broken is named and skipped. */
export async function findOnPath({ env, signal }: WayContext): Promise<WayResult> {
  const skipped: string[] = [];
  for (const executable of await findPrograms('temporal', env)) {
    const result = await checkProgram(executable, env, signal);
    if ('executable' in result) return result;
    skipped.push(`skipped, ${result.reason}`);
  }
  return { reason: skipped.length === 0 ? 'there is none' : skipped.join('; ') };
}
