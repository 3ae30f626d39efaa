import type { Payload, PayloadConverter } from '@temporalio/common';
import { payloadConverter as strict } from './payload-converter.ts';
import { undecodable } from './undecodable.ts';

/**
 * The contract's payload converter for workflows that must go on whatever a peer sends them. What an SDK cannot
 * decode fails the workflow's task before any of its code runs, and Temporal repeats the task for ever: nobody is
 * told anything. Here such a value arrives as a marker, which `undecodableReason` recognizes.
 */
class TolerantPayloadConverter implements PayloadConverter {
  toPayload<T>(value: T): Payload {
    return strict.toPayload(value);
  }

  fromPayload<T>(payload: Payload): T {
    try {
      return strict.fromPayload<T>(payload);
    } catch (error) {
      return undecodable(error instanceof Error ? error.message : String(error)) as T;
    }
  }
}

export const payloadConverter: PayloadConverter = new TolerantPayloadConverter();
