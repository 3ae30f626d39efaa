import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ConfigError, type ConfigProblem } from '@token-handshake/service-kit';

const ADVICE = 'Correct the file that HANDSHAKE_TARGETS names; docs/callbacks.md shows one.';

/** Collects what is wrong with a file of targets, so that all of it can be said at once. */
export class TargetProblems {
  readonly #problems: ConfigProblem[] = [];
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @param place where in the file, such as `targets[1].address` */
  add(place: string, expected: string, received: string): undefined {
    this.#problems.push({
      option: `callback.targetsFile: ${place}`,
      env: 'HANDSHAKE_TARGETS',
      expected,
      received,
      advice: ADVICE,
    });
    return undefined;
  }

  /** The absolute path of one in the file. */
  pathOf(path: string): string {
    return resolve(this.#folder, path);
  }

  /** A file that a target names; `undefined` when there is none, or it cannot be read. */
  async read(place: string, path: string | undefined): Promise<Buffer | undefined> {
    if (path === undefined) return undefined;
    try {
      return await readFile(this.pathOf(path));
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'an error';
      return this.add(place, 'a file that can be read', `${JSON.stringify(path)} (${code})`);
    }
  }

  /** @throws ConfigError when there was any problem */
  throwIfAny(): void {
    if (this.#problems.length > 0) throw new ConfigError(this.#problems);
  }
}
