import type { Scenario } from '../scenario.ts';
import { answers } from './answers.ts';
import { failures } from './failures.ts';
import { secrets } from './secrets.ts';
import { time } from './time.ts';

/** All of them, in the order in which they are run. */
export const scenarios: readonly Scenario[] = [...answers, ...failures, ...secrets, ...time];
