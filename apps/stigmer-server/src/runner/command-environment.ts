import type { RunRequest } from './runtime.ts';

/**
 * The environment of an agent's program: `PATH`, what the definition allows of the runner's own and of the
 * execution's variables (the execution's win), and which run this is. Nothing else: the runner's keys stay here.
 */
export function commandEnvironment(
  request: RunRequest,
  allowed: readonly string[],
  own: NodeJS.ProcessEnv,
): Record<string, string> {
  const environment: Record<string, string> = { PATH: own['PATH'] ?? '' };
  for (const name of allowed) {
    const value = request.environment[name] ?? own[name];
    if (value !== undefined) environment[name] = value;
  }
  return {
    ...environment,
    STIGMER_EXECUTION_ID: request.executionId,
    STIGMER_THREAD_ID: request.threadId,
    ...(request.resumedFrom !== undefined && { STIGMER_RESUMED_FROM: request.resumedFrom }),
  };
}
