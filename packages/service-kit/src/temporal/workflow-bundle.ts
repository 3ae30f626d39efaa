import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BundleOptions, bundleWorkflowCode, type WorkflowBundleOption } from '@temporalio/worker';
import {
  payloadConverterPath as defaultConverterPath,
  tolerantPayloadConverterPath,
} from '@token-handshake/proto/payload-converter-path';
import type { Logger } from '../logging/create-logger.ts';
import { cachedBundle } from './bundle-cache.ts';
import { createSdkLogger } from './sdk-logger.ts';

/** A path, or the `file:` URL that `new URL('./workflows', import.meta.url)` gives. */
type Location = string | URL;

/** What bundling takes beside the folder of the workflows. */
export interface BundleExtras
  extends Pick<BundleOptions, 'plugins' | 'workflowInterceptorModules' | 'ignoreModules'> {
  /** Where webpack's progress goes (debug and info). Default: nowhere. */
  readonly logger?: Logger;
  /** The payload converter in the bundle. Default: the one that Workers and Clients have. */
  readonly payloadConverterPath?: string;
}

/**
 * Bundles workflow code from its TypeScript sources, with the contract's payload converter in it unless another is
 * given.
 *
 * @param workflowsPath the folder (not its index file) whose exports are the workflows.
 */
export async function bundleForDevelopment(
  workflowsPath: Location,
  extras: BundleExtras = {},
): Promise<{ code: string }> {
  const { logger, payloadConverterPath = defaultConverterPath, ...options } = extras;
  const { code } = await bundleWorkflowCode({
    ...options,
    workflowsPath: pathOf(workflowsPath),
    payloadConverterPath,
    // Else each workflow loads all messages of the contract anew: milliseconds, and more than a megabyte that it keeps
    // for as long as it is cached. Only of our own converters is it known that they have no state to share.
    preloadModules: ownConverters.includes(payloadConverterPath) ? [payloadConverterPath] : [],
    logger: logger === undefined ? silentSdkLogger : createSdkLogger(logger),
    // Packages of this repository are bundled from their sources: in development nothing is built.
    webpackConfigHook: (config) => ({
      ...config,
      resolve: { ...config.resolve, conditionNames: ['@token-handshake/source', '...'] },
    }),
  });
  return { code };
}

const ownConverters = [defaultConverterPath, tolerantPayloadConverterPath];

/** Writes the bundle that a built service ships: `node scripts/bundle.ts` of an app. */
export async function writeWorkflowBundle(
  workflowsPath: Location,
  bundlePath: Location,
  extras: BundleExtras = {},
): Promise<void> {
  const { code } = await bundleForDevelopment(workflowsPath, extras);
  const path = pathOf(bundlePath);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.part`, code);
  await rename(`${path}.part`, path);
}

/** Where a worker's workflows come from. */
export interface WorkflowSourceOptions extends BundleExtras {
  /** The folder of the workflows in the sources. */
  readonly sourcePath: Location;
  /** The bundle made by the build, beside the running code. */
  readonly bundlePath: Location;
}

/**
 * For `Worker.create({ ...(await workflowSource(…)) })`: the bundle that was built beforehand, where there is
 * one (a built service), else one made from the sources (development, about 2 s), or made before from the same.
 */
export async function workflowSource(
  options: WorkflowSourceOptions,
): Promise<{ workflowBundle: WorkflowBundleOption }> {
  const { sourcePath, bundlePath, ...extras } = options;
  const codePath = pathOf(bundlePath);
  if (existsSync(codePath)) return { workflowBundle: { codePath } };
  const { logger: _logger, plugins, ...wishes } = extras;
  const make = () => bundleForDevelopment(sourcePath, extras);
  // What a plugin does to a bundle cannot be told from outside.
  if (plugins !== undefined) return { workflowBundle: await make() };
  const inputs = { workflowsPath: pathOf(sourcePath), options: wishes };
  const cached = await cachedBundle(inputs, async () => (await make()).code);
  return { workflowBundle: cached === undefined ? await make() : { codePath: cached } };
}

const silentSdkLogger = {
  log() {},
  trace() {},
  debug() {},
  info() {},
  warn() {},
  error() {},
};

function pathOf(location: Location): string {
  return location instanceof URL || location.startsWith('file:') ? fileURLToPath(location) : location;
}
