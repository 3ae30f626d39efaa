export { type Access, accessOf, grantAccess } from './access/access.ts';
export {
  type AccessGateOptions,
  type AccessRefusal,
  accessGate,
  type RequestGate,
} from './access/access-gate.ts';
export type { AccessPolicy, Reach } from './access/access-policy.ts';
export { makeApiKey } from './access/api-key.ts';
export { type ApiKeyEntry, apiKeyEntry, formatApiKeyFile, parseApiKeyFile } from './access/api-key-file.ts';
export type { Authentication, Authenticator, CredentialRefusal } from './access/authenticator.ts';
export {
  anonymousAuthenticator,
  type BearerOptions,
  bearerAuthenticator,
} from './access/bearer-authenticator.ts';
export { ACCESS_ERROR_CODES, type AccessErrorCode, codedError } from './access/error-codes.ts';
export { type JwtAuthentication, type JwtOptions, jwtAuthentication } from './access/jwt.ts';
export { type AccessRole, type AccessScope, accessScopes, type Principal } from './access/principal.ts';
export { createRequestLimit, type RequestLimit, type RequestLimitOptions } from './access/request-limit.ts';
export { ConfigError, type ConfigProblem } from './config/config-error.ts';
export {
  type Config,
  type ConfigDefinition,
  type ConfigGroup,
  defineConfig,
} from './config/define-config.ts';
export { type ConfigRow, describeConfig, renderConfigDocs } from './config/describe-config.ts';
export { type Environment, readConfig } from './config/read-config.ts';
export { readConfigOrExit } from './config/read-config-or-exit.ts';
export {
  boolean,
  durationMs,
  filePath,
  httpsUrl,
  isLoopback,
  type ListenAddress,
  list,
  listenAddress,
  logLevel,
  wholeNumber,
} from './config/schemas.ts';
export { type Setting, type SettingOptions, setting } from './config/setting.ts';
export { handshakeSettings, loggingSettings, temporalSettings } from './config/setting-groups.ts';
export { failPoint, failPointsVariable } from './fail-points/fail-point.ts';
export { type FailPointName, failPointNames } from './fail-points/fail-point-names.ts';
export { clockOffsetVariable, serviceClock } from './fail-points/service-clock.ts';
export { createHttpServer, type HttpServer } from './http/create-http-server.ts';
export { type ErrorInterceptorOptions, errorInterceptor } from './http/error-interceptor.ts';
export type { HttpServerOptions } from './http/http-server-options.ts';
export { Readiness, type ReadinessCheck, type ReadinessSnapshot } from './http/readiness.ts';
export { requestLogInterceptor } from './http/request-log-interceptor.ts';
export { standardInterceptors } from './http/standard-interceptors.ts';
export { validationInterceptor } from './http/validation-interceptor.ts';
export { type ExitCode, exitCodes } from './lifecycle/exit-codes.ts';
export { parentPipeVariable } from './lifecycle/parent-pipe.ts';
export { runService, type ServiceOptions } from './lifecycle/run-service.ts';
export {
  type Closeable,
  createScope,
  type OwnedScope,
  type Scope,
  type StopReason,
} from './lifecycle/scope.ts';
export { createLogger, type Logger, type LoggerOptions } from './logging/create-logger.ts';
export { type LogLevel, logLevels } from './logging/log-level.ts';
export { redact } from './logging/redact.ts';
export { type SerializedError, serializeError } from './logging/serialize-error.ts';
export {
  createMetrics,
  type Instrument,
  type Instruments,
  type Metrics,
  type MetricsOptions,
  type MetricsSource,
} from './metrics/create-metrics.ts';
export { defineMetrics, type MetricDefinition, type MetricTable } from './metrics/define-metrics.ts';
export { renderMetricsDocs } from './metrics/render-metrics-docs.ts';
export {
  type ConnectForeverOptions,
  type ConnectWithinOptions,
  connectForever,
  connectWithin,
} from './temporal/connect.ts';
export { type TemporalEndpoint, temporalEndpoint } from './temporal/connection-options.ts';
export { temporalDataConverter } from './temporal/data-converter.ts';
export { installRuntime, type RuntimeInstallOptions } from './temporal/install-runtime.ts';
export {
  type RunWorkersOptions,
  runWorkers,
  type WorkerBaseOptions,
  type WorkerFactory,
  type WorkerGroup,
} from './temporal/run-workers.ts';
export type { TemporalConnection, TemporalConnectionOptions } from './temporal/temporal-connection.ts';
export {
  createTemporalConnector,
  type TemporalConnector,
  type TemporalConnectorOptions,
} from './temporal/temporal-connector.ts';
export { TemporalUnreachableError } from './temporal/unreachable-error.ts';
export {
  type BundleExtras,
  bundleForDevelopment,
  type WorkflowSourceOptions,
  workflowSource,
  writeWorkflowBundle,
} from './temporal/workflow-bundle.ts';
