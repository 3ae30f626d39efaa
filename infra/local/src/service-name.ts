import { resolve } from 'node:path';

/** The two services, in the order in which they start. */
export const serviceNames = ['stigmer', 'zigflow'] as const;

/** One of {@link serviceNames}. */
export type ServiceName = (typeof serviceNames)[number];

/** `source`: TypeScript as it is, nothing built. `dist`: what `pnpm build` made. */
export type ServiceEntry = 'source' | 'dist';

/** The root of this checkout. */
export const repositoryRoot = resolve(import.meta.dirname, '../../..');

const appFolders: Readonly<Record<ServiceName, string>> = {
  stigmer: 'apps/stigmer-server',
  zigflow: 'apps/zigflow-worker',
};

/** The folder of a service's package. */
export function appFolder(name: ServiceName): string {
  return resolve(repositoryRoot, appFolders[name]);
}

/** Node's arguments that start a service's program from its package's folder. */
export function entryArguments(folder: string, entry: ServiceEntry): string[] {
  return entry === 'source'
    ? ['--conditions=@token-handshake/source', resolve(folder, 'src/main.ts')]
    : [resolve(folder, 'dist/main.js')];
}
