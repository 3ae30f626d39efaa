import { eventually, processExists } from '@token-handshake/test-kit';

/** Starting again is tried for so long: the database may be locked or Temporal away while it starts. */
const START_TIMEOUT_MS = 120_000;

/** How to reach one process of the system. */
export interface ProcessPort {
  readonly name: string;
  /** The number of the process that runs now, or ran last. */
  pid(): number;
  /** Resolves when the process that runs now has ended. */
  ended(): Promise<string>;
  signal(signal: NodeJS.Signals): void;
  /** Starts it again after its end; rejects when it did not get that far. */
  start(): Promise<void>;
}

/** A process that ended though nobody had ended it. */
export interface Crash {
  readonly name: string;
  readonly at: number;
  readonly how: string;
}

/** One process of the system, to be killed and started again. Faults to it are done one at a time. */
export class VictimProcess {
  readonly #port: ProcessPort;
  readonly #onCrash: (crash: Crash) => void;
  #ending = false;

  constructor(port: ProcessPort, onCrash: (crash: Crash) => void) {
    this.#port = port;
    this.#onCrash = onCrash;
    this.#watch();
  }

  get pid(): number {
    return this.#port.pid();
  }

  /** Ends it, and proves that it is gone. Returns what proves it. */
  async halt(signal: 'SIGKILL' | 'SIGTERM'): Promise<string> {
    const { pid } = this;
    this.#ending = true;
    this.#port.signal(signal);
    await this.#port.ended();
    if (await processExists(pid)) throw new Error(`expected process ${pid} to be gone after ${signal}`);
    return `process ${pid} is gone`;
  }

  /** Starts it again, as often as it takes. */
  async resume(): Promise<void> {
    await eventually(
      async () => {
        await this.#port.start();
        return true;
      },
      { timeoutMs: START_TIMEOUT_MS, what: `${this.#port.name} to start again` },
    );
    this.#ending = false;
    this.#watch();
  }

  #watch(): void {
    const { name } = this.#port;
    void this.#port.ended().then(async (how) => {
      if (this.#ending) return;
      this.#onCrash({ name, at: Date.now(), how });
      await this.resume();
    });
  }

  /** From now on its end is nobody's fault. */
  dismiss(): void {
    this.#ending = true;
  }
}
