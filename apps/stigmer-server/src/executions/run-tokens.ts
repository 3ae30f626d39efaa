import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

const PURPOSE = 'stigmer run token';

/**
 * What proves that a report comes from the run that it is about: a keyed digest of the execution's id. It says nothing
 * of who reports, so it counts only beside a runner's credentials, and for as long as the execution has no end.
 */
export class RunTokens {
  readonly #keys: readonly [Uint8Array, ...Uint8Array[]];

  /** @param secretsKeys at least one: the first makes tokens, all of them tell which are good */
  constructor(secretsKeys: readonly Uint8Array[]) {
    const [first, ...others] = secretsKeys.map(derived);
    if (first === undefined) throw new Error('expected at least one secrets key, got none');
    this.#keys = [first, ...others];
  }

  /** The token of an execution's run. */
  of(executionId: string): string {
    return tokenOf(this.#keys[0], executionId).toString('base64url');
  }

  /** Whether the token is that of this execution's run. */
  matches(executionId: string, token: string): boolean {
    const shown = Buffer.from(token, 'base64url');
    return this.#keys.some((key) => {
      const expected = tokenOf(key, executionId);
      return shown.length === expected.length && timingSafeEqual(shown, expected);
    });
  }
}

/** Keys for one purpose each: a token is nothing that another use of the key could be made to give. */
function derived(key: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key, '', PURPOSE, 32));
}

function tokenOf(key: Uint8Array, executionId: string): Buffer {
  return createHmac('sha256', key).update(executionId).digest();
}
