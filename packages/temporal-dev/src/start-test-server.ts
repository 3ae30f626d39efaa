import { search } from './find-temporal-server.ts';
import { startOnPorts, startServerProcess, stopServerProcess } from './server-process.ts';
import {
  type RunningServer,
  resolveStartOptions,
  type StartOptions,
  useServer,
} from './start-temporal-server.ts';
import { addressOf } from './wait-until-serving.ts';

/** An orderly end takes the server 2 s. */
const HALT_GRACE_MS = 10_000;

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
 * silent while nothing takes long. A test that fails to stop it does not hang its runner: the server keeps
 * no process alive, and ends with this one. Tests that halt the server pass `ignoreAddress: true`; halting a server
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

  const processOptions = { ...resolved, executable: found.executable, keepsAlive: false };
  const { process: first, ports } = await startServerProcess(processOptions);
  let current = first;
  const stop = async () => {
    await stopServerProcess(current, databaseFile);
    ports.release();
  };
  const halt = (how: HaltSignal = 'SIGTERM') => current.stop(how, HALT_GRACE_MS);
  const resume = async () => {
    if (current.isAlive()) throw new Error('expected the Temporal server to be halted, but it runs');
    current = await startOnPorts(processOptions, ports);
  };
  return {
    address: addressOf(ip, ports.port),
    ...(ports.uiPort === false ? {} : { uiAddress: `http://${addressOf(ip, ports.uiPort)}` }),
    namespace,
    owned: true,
    get pid() {
      return current.pid;
    },
    get ended() {
      return current.ended;
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
