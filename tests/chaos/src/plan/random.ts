import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Where every decision of a plan comes from: the same seed gives the same numbers, on every machine. */
export interface Random {
  /** A whole number from `least` to `most`, both included. */
  int(least: number, most: number): number;
  /** One of the values, each as likely as its weight says. */
  weighted<Value>(choices: readonly (readonly [weight: number, value: Value])[]): Value;
  /** True in so many of a hundred cases. */
  percent(share: number): boolean;
}

/** Seeds that are close to each other begin with numbers that are. */
const PASSED_OVER = 64;

/** Makes numbers with xoroshiro128+ of the library pure-rand, seeded with 32 bits, without the first 64 of them. */
export function randomOf(seed: number): Random {
  const generator = xoroshiro128plus(seed);
  for (let i = 0; i < PASSED_OVER; i += 1) generator.next();
  const int = (least: number, most: number) => uniformInt(generator, least, most);
  return {
    int,
    weighted(choices) {
      const total = choices.reduce((sum, [weight]) => sum + weight, 0);
      let left = int(1, total);
      for (const [weight, value] of choices) {
        left -= weight;
        if (left <= 0) return value;
      }
      throw new RangeError('expected at least one choice with a weight above 0');
    },
    percent: (share) => int(1, 100) <= share,
  };
}
