export { type BuildOptions, type BuildResult, buildServices } from './build.ts';
export { Interruption, watchInterruptions } from './interruption.ts';
export { type LocalKeys, prepareKeys } from './keys.ts';
export { repositoryRoot, type ServiceEntry, type ServiceName, serviceNames } from './service-name.ts';
export type { ServiceProcess } from './service-process.ts';
export { type Stack, startStack } from './stack.ts';
export type { StackOptions } from './stack-options.ts';
export { type TemporaryFolder, temporaryFolder } from './temporary-folder.ts';
export { ServiceStartError } from './until-ready.ts';
