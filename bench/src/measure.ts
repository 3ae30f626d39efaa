import { type BenchOptions, CONCURRENCY } from './bench-options.ts';
import { measureBlocks } from './blocks.ts';
import { loadedResults, onFileResults, singleResults } from './figures.ts';
import { countsWrites } from './process-cost.ts';
import { ratiosOf } from './ratios.ts';
import type { FileServer, MeasuredServer, Results } from './results.ts';
import { measureRounds } from './rounds.ts';
import { type ServerSetup, serverSetups } from './server-setups.ts';
import { type ShapeName, shapeNames } from './shapes/shape.ts';
import { type System, withSystem } from './system.ts';

/** What a run comes to, the machine apart. */
export type Measured = Pick<Results, 'options' | 'servers' | 'ratio' | 'ratioOnDefault'>;

/**
 * Measures on each server, one after the other.
 *
 * @throws the signal's reason, or Error when a part of the system ends
 */
export async function measure(
  options: BenchOptions,
  signal: AbortSignal,
  report: (line: string) => void,
): Promise<Measured> {
  const on = <Result>(setup: ServerSetup, name: string, use: (system: System) => Promise<Result>) => {
    report(`${name} server: starting it, both services, callers, callees and agents`);
    return withSystem(setup, signal, report, use);
  };
  const tuned = await on(serverSetups.tuned, 'tuned', (system) =>
    measureTimes(options, serverSetups.tuned, system, report),
  );
  const byDefault = await on(serverSetups.default, 'default', (system) =>
    measureTimes(options, serverSetups.default, system, report),
  );
  const file = await on(serverSetups.file, 'file', (system) => measureBytes(options, system, report));
  const { folder: _folder, ...numbers } = options;
  return {
    options: { ...numbers, concurrency: CONCURRENCY },
    servers: { tuned, default: byDefault, file },
    ratio: ratiosOf(tuned),
    ratioOnDefault: ratiosOf(byDefault),
  };
}

async function measureTimes(
  options: BenchOptions,
  setup: ServerSetup,
  system: System,
  report: (line: string) => void,
): Promise<MeasuredServer> {
  const single = await measureRounds(options, system, report);
  const loaded = await measureBlocks(options, system, report);
  return {
    temporalServer: describe(setup, system),
    shapes: byShape((name) => ({
      single: singleResults(single[name], single.limit),
      loaded: loadedResults(name, loaded[name]),
    })),
  };
}

async function measureBytes(
  { fileCalls }: BenchOptions,
  system: System,
  report: (line: string) => void,
): Promise<FileServer> {
  const blocks = await measureBlocks({ blocks: 1, blockCalls: fileCalls }, system, report);
  const counts = await countsWrites(system.folder);
  return {
    temporalServer: describe(serverSetups.file, system),
    shapes: byShape((name) => onFileResults(name, blocks[name], counts)),
  };
}

function describe(
  { storage, dynamicConfig }: ServerSetup,
  { serverVersion }: System,
): MeasuredServer['temporalServer'] {
  return { version: serverVersion, storage, dynamicConfig: [...dynamicConfig] };
}

function byShape<Value>(of: (name: ShapeName) => Value): Record<ShapeName, Value> {
  return Object.fromEntries(shapeNames.map((name) => [name, of(name)])) as Record<ShapeName, Value>;
}
