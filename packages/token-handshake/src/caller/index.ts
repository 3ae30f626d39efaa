export {
  EXECUTION_CANCELLED,
  type FailureOptions,
  failureOf,
  type UnsuccessfulOutcome,
} from './failure-of.ts';
