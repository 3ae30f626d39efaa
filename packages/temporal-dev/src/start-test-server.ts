import { search } from './find-temporal-server.ts';
import { startServerProcess, stopServerProcess } from './server-process.ts';
import {
  type RunningServer,
  resolveStartOptions,
  type StartOptions,
  useServer,
} from './start-temporal-server.ts';
import { addressOf } from './wait-until-serving.ts';

/** How a server for tests ends: in order, or as by `kill -9`. */
export type HaltSignal = 'SIGTERM' | 'SIGKILL';

/** A server for tests, which faults can be done to. */
export interface TestServer extends RunningServer {
  /** Ends the process. Address and database file stay those of this server. */
  halt(signal?: HaltSignal): Promise<void>;
  /** Starts it again after {@link halt}, at the same address, on the same database file. */
  resume(): Promise<void>;
  /** {@link halt}, then {@link resume}. */
  restart(signal?: HaltSignal): Promise<void>;
}

/**
 * {@link startTemporalServer} for tests: on a free port, without UI and in memory unless told otherwise, and
 * silent while nothing takes long. Tests that halt the server pass `ignoreAddress: true`; halting a server
 * that `TEMPORAL_ADDRESS` names is refused.
 */
export async function startTestServer(options: StartOptions = {}): Promise<TestServer> {
  const resolved = resolveStartOptions({ port: 0, uiPort: false, ...options });
  const { namespace, databaseFile, ip } = resolved;
  const found = await search(
    { ...options, env: resolved.env, report: resolved.report },
    options.report ?? (() => {}),
  );
  if (found.way === 'address') return withoutFaults(await useServer(found.address, resolved));

  const start = (ports: { port: number; uiPort: number | false }) =>
    startServerProcess({ ...resolved, ...ports, executable: found.executable });
  let current = await start(resolved);
  const ports = { port: current.port, uiPort: current.uiPort };
  const stop = () => stopServerProcess(current.process, databaseFile);
  const halt = (how: HaltSignal = 'SIGTERM') => current.process.stop(how, 10_000);
  const resume = async () => {
    if (current.process.isAlive()) throw new Error('expected the Temporal server to be halted, but it runs');
    current = await start(ports);
  };
  return {
    address: addressOf(ip, ports.port),
    ...(ports.uiPort === false ? {} : { uiAddress: `http://${addressOf(ip, ports.uiPort)}` }),
    namespace,
    owned: true,
    get pid() {
      return current.process.pid;
    },
    get ended() {
      return current.process.ended;
    },
    stop,
    [Symbol.asyncDispose]: stop,
    halt,
    resume,
    async restart(how) {
      await halt(how);
      await resume();
    },
  };
}

function withoutFaults(server: RunningServer): TestServer {
  const refuse = () =>
    Promise.reject(
      new Error(
        `expected a Temporal server started by this test, but ${server.address} is the one of TEMPORAL_ADDRESS: ` +
          'pass ignoreAddress: true to start one',
      ),
    );
  return { ...server, halt: refuse, resume: refuse, restart: refuse };
}
