export type { CallbackEvent, CallbackSubject } from './callback/events.ts';
export {
  type CallbackContext,
  type CallbackHandlers,
  type CallbackHandlersOptions,
  createCallbackHandlers,
} from './callback-handlers.ts';
export { type Classification, classifyByStatus } from './classify.ts';
export type { HandOffEvent, HandOffEventFacts } from './events.ts';
export {
  EXECUTION_CANCELLED,
  type FailureOptions,
  failureOf,
  type UnsuccessfulOutcome,
} from './failure-of.ts';
export { handOff } from './hand-off.ts';
export { failureOfHandshakeError } from './hand-off-failure.ts';
export { DEFAULT_TARGET, type HandOffOptions, type HandOffRequest } from './options.ts';
