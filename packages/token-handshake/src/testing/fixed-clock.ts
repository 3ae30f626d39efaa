import type { Clock } from '../clock.ts';

/** A clock that stands still until it is moved. */
export class FixedClock implements Clock {
  #now: number;

  /** @param now milliseconds since the epoch */
  constructor(now: number) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  /** Moves it on, or back with a negative number. */
  advance(ms: number): void {
    this.#now += ms;
  }
}
