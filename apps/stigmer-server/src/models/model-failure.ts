import { ApplicationFailure } from '@temporalio/common';
import { APICallError } from 'ai';
import type { FailureType } from '../failure-types.ts';

/** A provider that asks for more patience than this gets none. */
const LONGEST_WAIT_MS = 10 * 60_000;

/** Enough to see what the provider says. */
const MAX_BODY = 500;

/** Providers have no common code for it. */
const TOO_LONG =
  /context[_ ]length|context window|maximum context|prompt is too long|too many (input )?tokens|input is too long/i;

/** What an error of a model's provider means. */
export function modelFailure(error: unknown, redact: (text: string) => string): ApplicationFailure {
  if (error instanceof ApplicationFailure) return error;
  const { statusCode, responseHeaders, responseBody } = answered(error);
  const message = error instanceof Error ? error.message : String(error);
  const body = redact(responseBody);
  const more = body === '' || body.includes(message) ? '' : ` (${body.slice(0, MAX_BODY).trim()})`;
  const said = `${redact(message).slice(0, MAX_BODY)}${more}`;
  if (statusCode === undefined) {
    return unavailable(
      APICallError.isInstance(error)
        ? `the model's provider cannot be reached: ${said}`
        : `the model's answer broke off: ${said}`,
    );
  }
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

/** The answer is none that counts. */
export function incomplete(message: string): ApplicationFailure {
  return final('ModelAnswerIncomplete', message);
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

/** What the provider answered with, before its stream or in it. */
function answered(error: unknown): {
  statusCode?: number;
  responseHeaders: Readonly<Record<string, string>>;
  responseBody: string;
} {
  if (APICallError.isInstance(error)) {
    const { statusCode, responseHeaders = {}, responseBody = '' } = error;
    return { ...(statusCode !== undefined && { statusCode }), responseHeaders, responseBody };
  }
  const told = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  return { ...(typeof told === 'number' && { statusCode: told }), responseHeaders: {}, responseBody: '' };
}
