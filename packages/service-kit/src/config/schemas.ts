import { z } from 'zod';
import { logLevels } from '../logging/log-level.ts';

/** Where a server listens: an interface and a port (0 lets the system choose). */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

const listenFormat = 'host:port, such as 127.0.0.1:50051 or [::1]:0';
const durationFormat = 'a duration, such as 250ms, 10s, 5m, 2h, or a number of milliseconds';
const httpsFormat = 'a URL that begins with https://';
const booleanFormat = 'true or false';
const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `host:port` → {@link ListenAddress}. IPv6 hosts stand in brackets. */
export const listenAddress = z
  .string()
  .transform((text, context): ListenAddress => {
    const match = /^(?:\[(?<v6>[^\]]+)\]|(?<host>[^:[\]\s/]+)):(?<port>\d{1,5})$/.exec(text);
    const port = Number(match?.groups?.['port']);
    const host = match?.groups?.['v6'] ?? match?.groups?.['host'];
    if (host !== undefined && port <= 65_535) return { host, port };
    context.addIssue({ code: 'custom', message: listenFormat });
    return z.NEVER;
  })
  .describe(listenFormat);

/** A path of the file system, as it is written; relative paths are the reader's to resolve. */
export const filePath = z
  .string()
  .refine((text) => text.trim() !== '' && !text.includes('\0'), 'the path of a file or folder')
  .describe('the path of a file or folder');

/** Comma-separated words, trimmed, empty ones left out → array. */
export const list = z
  .string()
  .transform((text) =>
    text
      .split(',')
      .map((word) => word.trim())
      .filter((word) => word !== ''),
  )
  .describe('words, separated by commas');

/** `250ms`, `10s`, `5m`, `2h`, `1d` or plain milliseconds → milliseconds. */
export const durationMs = z
  .string()
  .transform((text, context) => {
    const match = /^(?<count>\d+(?:\.\d+)?)\s*(?<unit>ms|s|m|h|d)?$/.exec(text.trim());
    if (match?.groups !== undefined) {
      const unit = (match.groups['unit'] ?? 'ms') as keyof typeof unitMs;
      return Math.round(Number(match.groups['count']) * unitMs[unit]);
    }
    context.addIssue({ code: 'custom', message: durationFormat });
    return z.NEVER;
  })
  .describe(durationFormat);

/** `https://…`; also `http://…` of this machine, which nobody listens in on. */
export const httpsUrl = z.string().refine(isSafeUrl, httpsFormat).describe(httpsFormat);

/** One of pino's levels, or `silent`. */
export const logLevel = z.enum(logLevels);

/** `true`/`1`/`yes`/`on` and `false`/`0`/`no`/`off`, in any case → boolean. */
export const boolean = z
  .string()
  .transform((text, context) => {
    const word = text.trim().toLowerCase();
    if (['true', '1', 'yes', 'on'].includes(word)) return true;
    if (['false', '0', 'no', 'off'].includes(word)) return false;
    context.addIssue({ code: 'custom', message: booleanFormat });
    return z.NEVER;
  })
  .describe(booleanFormat);

/** A whole number of at least `min` and at most `max`. */
export function wholeNumber(range: { min?: number; max?: number } = {}) {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = range;
  const format = `a whole number from ${min}${max === Number.MAX_SAFE_INTEGER ? '' : ` to ${max}`}`;
  return z
    .string()
    .transform((text, context) => {
      const value = /^-?\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
      if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
      context.addIssue({ code: 'custom', message: format });
      return z.NEVER;
    })
    .describe(format);
}

function isSafeUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname.replace(/^\[|\]$/g, '')));
}

/** Whether only this machine reaches an address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}
