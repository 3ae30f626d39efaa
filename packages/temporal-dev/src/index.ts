export { cacheFolder } from './cache-folder.ts';
export { type ClaimedPort, claimFreePort } from './claim-ports.ts';
export {
  type FailedWay,
  type StartErrorCode,
  TemporalServerNotFoundError,
  TemporalServerStartError,
} from './errors.ts';
export { type FindOptions, type FoundServer, findTemporalServer } from './find-temporal-server.ts';
export type { Report } from './report.ts';
export { LOCAL_DYNAMIC_CONFIG } from './server-arguments.ts';
export { type RunningServer, type StartOptions, startTemporalServer } from './start-temporal-server.ts';
export { type HaltSignal, startTestServer, type TestServer } from './start-test-server.ts';
export { TESTED_CLI_VERSION, TESTED_SERVER_VERSION } from './tested-version.ts';
export { type BuildLock, type BuildLockOptions, takeBuildLock } from './ways/build-lock.ts';
