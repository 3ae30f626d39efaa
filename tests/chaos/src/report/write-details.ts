import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Violation } from '../check/violation.ts';
import type { CallEvidence } from '../evidence/evidence.ts';
import type { FaultRecord } from '../faults/fault-record.ts';
import type { World } from '../world/world.ts';

/** More than anybody reads; a run that breaks everything is not to fill a disk. */
const MAX_CALLS = 50;

/** What is known when something went wrong. */
export interface Details {
  readonly calls: readonly CallEvidence[];
  readonly faults: readonly FaultRecord[];
  readonly violations: readonly Violation[];
}

/**
 * Writes a file for each call with a violation: its evidence, the verdicts, and every line of both services that names
 * its execution or its workflow. Beside them the faults with their times, and the services' whole logs.
 */
export async function writeDetails(world: World, folder: string, details: Details): Promise<void> {
  const { calls, faults, violations } = details;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const lines = world.system.log.lines();
  await writeFile(join(folder, 'violations.json'), json(violations));
  await writeFile(join(folder, 'faults.json'), json(faults));
  await writeFile(
    join(folder, 'services.log'),
    lines.map(({ service, text }) => `${service} ${text}\n`).join(''),
  );
  const keys = new Set(violations.flatMap(({ key }) => key ?? []));
  for (const call of calls.filter(({ key }) => keys.has(key)).slice(0, MAX_CALLS)) {
    const ids = call.executions.map(({ id }) => id);
    const about = lines.filter(({ text }) => [...ids, `"${call.key}"`].some((id) => text.includes(id)));
    const verdicts = ids.flatMap((id) =>
      world.system.query('select * from verdicts where execution_id = ? order by id', [id]),
    );
    await writeFile(
      join(folder, `${call.key}.json`),
      json({ call, verdicts, log: about.map(({ service, fields, text }) => ({ service, ...fields, text })) }),
    );
  }
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
