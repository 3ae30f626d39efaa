// The one history shard of a local server looks for work at most 20 times a second, which costs each task up
// to 50 ms; with this limit a workflow of one activity takes 45 ms instead of 145.
export const LOCAL_DYNAMIC_CONFIG: readonly string[] = ['history.transferProcessorMaxPollRPS=5000'];

export interface ServerArguments {
  ip: string;
  port: number;
  uiPort: number | false;
  namespace: string;
  databaseFile: string | undefined;
  dynamicConfig: readonly string[];
  extraArgs: readonly string[];
}

/** The command line of a local server. */
export function serverArguments(options: ServerArguments): string[] {
  return [
    'server',
    'start-dev',
    '--ip',
    options.ip,
    '--port',
    String(options.port),
    ...(options.uiPort === false ? ['--headless'] : ['--ui-port', String(options.uiPort)]),
    ...(options.namespace === 'default' ? [] : ['--namespace', options.namespace]),
    ...(options.databaseFile === undefined ? [] : ['--db-filename', options.databaseFile]),
    ...options.dynamicConfig.flatMap((value) => ['--dynamic-config-value', value]),
    ...options.extraArgs,
  ];
}
