import { BurstyRateLimiter, RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

/** A second is what the rate is told in; bursts are made up for over ten. */
const BURST_WINDOW_S = 10;

/** What {@link createRequestLimit} takes. */
export interface RequestLimitOptions {
  /** Requests a second of the same credentials. */
  readonly perSecond: number;
  /** Requests beyond that within ten seconds. */
  readonly burst: number;
}

/** Counts requests, each by the credentials that it was made with. */
export interface RequestLimit {
  readonly perSecond: number;
  /** Takes one request. Returns how long to wait instead, in milliseconds; 0 when it may go on. */
  take(credential: string): Promise<number>;
}

/** A limit that is kept in this process: several servers each have their own. */
export function createRequestLimit({ perSecond, burst }: RequestLimitOptions): RequestLimit {
  const limiter = new BurstyRateLimiter(
    new RateLimiterMemory({ keyPrefix: 'rate', points: perSecond, duration: 1 }),
    new RateLimiterMemory({ keyPrefix: 'burst', points: burst, duration: BURST_WINDOW_S }),
  );
  return {
    perSecond,
    async take(credential) {
      try {
        await limiter.consume(credential);
        return 0;
      } catch (refusal) {
        if (!(refusal instanceof RateLimiterRes)) throw refusal;
        return Math.max(1, refusal.msBeforeNext);
      }
    },
  };
}
