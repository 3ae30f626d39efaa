import type { JsonValue } from '@token-handshake/core';

/** What a duration may look like, for messages. */
export const DURATION_FORMAT =
  'a duration such as "30s", "5m" or "1h30m", ISO 8601 such as "PT5M", or a mapping such as { minutes: 5 }';

const unitMs = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 } as const;
const words = { days: 'd', hours: 'h', minutes: 'm', seconds: 's', milliseconds: 'ms' } as const;

const short = /^(?:(\d+(?:\.\d+)?)(d|h|ms|m|s))(?=\d|$)/;
const iso =
  /^P(?:(\d+(?:\.\d+)?)D)?(?:T(?=\d)(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/** Milliseconds of a duration in any of the written forms; `undefined` for everything else, and for zero. */
export function parseDuration(value: JsonValue): number | undefined {
  const ms = typeof value === 'string' ? fromText(value.trim()) : fromMapping(value);
  return ms !== undefined && Number.isSafeInteger(Math.round(ms)) && ms >= 1 ? Math.round(ms) : undefined;
}

function fromText(text: string): number | undefined {
  const parts = iso.exec(text);
  if (parts !== null && text !== 'P') {
    const [days, hours, minutes, seconds] = parts.slice(1).map((part) => Number(part ?? 0)) as [
      number,
      number,
      number,
      number,
    ];
    return days * unitMs.d + hours * unitMs.h + minutes * unitMs.m + seconds * unitMs.s;
  }
  let rest = text;
  let total = 0;
  for (let part = short.exec(rest); part !== null; part = short.exec(rest)) {
    total += Number(part[1]) * unitMs[part[2] as keyof typeof unitMs];
    rest = rest.slice(part[0].length);
  }
  return rest === '' && text !== '' ? total : undefined;
}

function fromMapping(value: JsonValue): number | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  let total = 0;
  for (const [word, count] of Object.entries(value)) {
    if (!(word in words) || typeof count !== 'number' || count < 0) return undefined;
    total += count * unitMs[words[word as keyof typeof words]];
  }
  return total;
}

/** `90000` → `1m30s`, for people. */
export function formatDuration(ms: number): string {
  let rest = ms;
  const parts: string[] = [];
  for (const [unit, size] of Object.entries(unitMs)) {
    const count = Math.floor(rest / size);
    if (count > 0) parts.push(`${count}${unit}`);
    rest -= count * size;
  }
  return parts.join('') || '0s';
}
