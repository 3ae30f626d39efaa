import { type FailedWay, TemporalServerNotFoundError } from './errors.ts';
import { type Report, reportToStderr } from './report.ts';
import { downloadCli, findCachedDownload } from './ways/cached-download.ts';
import { buildWithGo, findGoBuild } from './ways/go-install.ts';
import { findOnPath } from './ways/on-path.ts';
import type { WayContext, WayResult } from './ways/way.ts';

/** A server that already runs somewhere, or a program that can be started as one. */
export type FoundServer =
  | { way: 'address'; address: string }
  | { way: 'path' | 'download' | 'go'; executable: string; serverVersion: string };

/** How to look for a server. */
export interface FindOptions {
  /** Environment to read `TEMPORAL_ADDRESS`, `PATH`, `HOME` and `XDG_CACHE_HOME` from. Default: the process's. */
  env?: NodeJS.ProcessEnv;
  /** Gets one line for what was found and one for each way that failed. Default: standard error. */
  report?: Report;
  /** Ends the search, a download and a build included; the promise rejects with its reason. */
  signal?: AbortSignal;
  /** Passes over `TEMPORAL_ADDRESS`, for who needs a server of their own. Default: false. */
  ignoreAddress?: boolean;
}

interface Way {
  way: 'path' | 'download' | 'go';
  name: string;
  find: (context: WayContext) => Promise<WayResult>;
}

const NAMES = {
  address: 'TEMPORAL_ADDRESS',
  path: '"temporal" on the PATH',
  download: "the Temporal SDK's download of the CLI",
  go: 'a build of the CLI with Go',
} as const;

// What an earlier download or build left costs nothing, so both are looked up before either is made again.
const WAYS: readonly Way[] = [
  { way: 'path', name: NAMES.path, find: findOnPath },
  { way: 'download', name: NAMES.download, find: findCachedDownload },
  { way: 'go', name: NAMES.go, find: findGoBuild },
  { way: 'download', name: NAMES.download, find: downloadCli },
  { way: 'go', name: NAMES.go, find: buildWithGo },
];

/**
 * Finds a Temporal server, or makes one available, in this order: the address in `TEMPORAL_ADDRESS`;
 * `temporal` on the PATH, unless its server is older than the tested one; what an earlier download or build
 * left in the cache; the Temporal SDK's download of the CLI; a build of the CLI with Go, which takes minutes.
 *
 * @throws {@link TemporalServerNotFoundError} naming all four ways with the reason for each.
 */
export async function findTemporalServer(options: FindOptions = {}): Promise<FoundServer> {
  const { report = reportToStderr } = options;
  return search({ ...options, report }, report);
}

/** The search itself; `announce` gets what was found, `report` only the progress of what takes long. */
export async function search(options: FindOptions, announce: Report): Promise<FoundServer> {
  const { env = process.env, report = reportToStderr, signal, ignoreAddress = false } = options;
  const address = env['TEMPORAL_ADDRESS'];
  if (address && !ignoreAddress) {
    announce(`using the Temporal server at ${address} (TEMPORAL_ADDRESS)`);
    return { way: 'address', address };
  }
  const failed = new Map<string, string>([
    [NAMES.address, address ? `passed over, a server of its own is asked for` : 'it is not set'],
  ]);
  for (const { way, name, find } of WAYS) {
    signal?.throwIfAborted();
    const result = await find({ env, report, signal });
    if ('executable' in result) {
      failed.delete(name);
      announce(`using ${result.executable}, server ${result.serverVersion} (${name})`);
      for (const [other, reason] of failed) announce(`not used: ${other}: ${reason}`);
      return { way, ...result };
    }
    failed.set(name, result.reason);
  }
  throw new TemporalServerNotFoundError([...failed].map(([name, reason]): FailedWay => ({ name, reason })));
}
