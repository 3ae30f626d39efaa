import { ApplicationFailure } from '@temporalio/common';
import { APICallError } from 'ai';
import type { FailureType } from '../failure-types.ts';

/** A provider that asks for more patience than this gets none. */
const LONGEST_WAIT_MS = 10 * 60_000;

/** Providers have no common code for it. */
const TOO_LONG =
  /context[_ ]length|context window|maximum context|prompt is too long|too many (input )?tokens|input is too long/i;

/** What an error of a model's provider means. */
export function modelFailure(error: unknown, redact: (text: string) => string): ApplicationFailure {
  if (error instanceof ApplicationFailure) return error;
  if (!APICallError.isInstance(error))
    return unavailable(`the model's answer broke off: ${words(error, redact)}`);
  const { statusCode, responseHeaders = {} } = error;
  const said = redact(`${error.message}${bodyOf(error)}`);
  if (statusCode === undefined) return unavailable(`the model's provider cannot be reached: ${said}`);
  if (statusCode < 400) return unavailable(`the model's answer broke off: ${said}`);
  const told = `the model's provider answered with HTTP ${statusCode}: ${said}`;
  if (statusCode === 429) {
    const waitMs = retryAfterMs(responseHeaders, Date.now());
    return ApplicationFailure.create({
      type: 'ModelRateLimited' satisfies FailureType,
      message: told,
      nonRetryable: waitMs !== undefined && waitMs > LONGEST_WAIT_MS,
      ...(waitMs !== undefined && { nextRetryDelay: Math.max(waitMs, 1) }),
    });
  }
  if (statusCode >= 500 || statusCode === 408 || statusCode === 409) return unavailable(told);
  if (statusCode === 401 || statusCode === 403) return final('ModelAccessDenied', told);
  if (TOO_LONG.test(said)) return final('ModelContextExceeded', told);
  return final('ModelRequestRejected', told);
}

/** The stream ended before the answer did. */
export function brokenOff(what: string): ApplicationFailure {
  return unavailable(`the model's answer broke off: ${what}`);
}

/** @returns how long the provider asks to wait, by `retry-after-ms` or `retry-after` (seconds, or a date) */
export function retryAfterMs(headers: Readonly<Record<string, string>>, now: number): number | undefined {
  const ms = Number(headers['retry-after-ms'] ?? Number.NaN);
  if (Number.isFinite(ms) && ms >= 0) return ms;
  const after = headers['retry-after'];
  if (after === undefined || after.trim() === '') return undefined;
  const seconds = Number(after);
  if (Number.isFinite(seconds)) return seconds >= 0 ? seconds * 1_000 : undefined;
  const date = Date.parse(after);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

function unavailable(message: string): ApplicationFailure {
  return ApplicationFailure.retryable(message, 'ModelUnavailable' satisfies FailureType);
}

function final(type: FailureType, message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, type);
}

function words(error: unknown, redact: (text: string) => string): string {
  return redact(error instanceof Error ? error.message : String(error));
}

/** Some of it: enough to see what the provider says, where its message does not. */
function bodyOf({ message, responseBody = '' }: APICallError): string {
  const body = responseBody.slice(0, 500).trim();
  return body === '' || body.includes(message) ? '' : ` (${body})`;
}
