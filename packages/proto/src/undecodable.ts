const KEY = 'tokenHandshakeUndecodable';

/** What stands for a value that could not be decoded: plain JSON, so that it can be logged and passed on. */
export function undecodable(reason: string): object {
  return { [KEY]: reason };
}

/** Why a value could not be decoded; `undefined` for every value that could. */
export function undecodableReason(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !(KEY in value)) return undefined;
  return String(value[KEY]);
}
