import type { AgentPlan, CallPlan, Intervention, InterventionPlan } from './call-plan.ts';
import type { Random } from './random.ts';

const SMALL_BYTES = [1, 400] as const;
const LARGE_BYTES = [20_000, 400_000] as const;
/** Around the 1.5 MiB at which an outcome is trimmed and the 2 MiB that Temporal takes. */
const LIMIT_BYTES = [1_400_000, 2_300_000] as const;
const QUICK_MS = [0, 1_500] as const;
const SLOW_MS = [8_000, 25_000] as const;
/** Long enough that what is done to a call in its first seconds meets an agent at work. */
const WAITS_MS = [6_000, 12_000] as const;

/** More than a caller in a hurry waits for. */
const ENDLESS_MS = [40_000, 50_000] as const;

type Drawn = Pick<CallPlan, 'agent' | 'workMs' | 'intervention'> & Partial<Pick<CallPlan, 'hurried'>>;
type Profile = (random: Random) => Drawn;

const untouched: InterventionPlan = { kind: 'none', after: 'start', delayMs: 0 };

/** Each kind of call, and how many of a thousand are of it. */
const profiles: readonly (readonly [weight: number, name: string, make: Profile])[] = [
  [385, 'answers', plain({ kind: 'answers' }, SMALL_BYTES, QUICK_MS)],
  [50, 'answers at length', plain({ kind: 'answers' }, LARGE_BYTES, QUICK_MS)],
  [8, 'answers near the limits', plain({ kind: 'answers' }, LIMIT_BYTES, QUICK_MS)],
  [70, 'answers slowly', plain({ kind: 'answers' }, SMALL_BYTES, SLOW_MS)],
  [15, 'answers too late', hurried(plain({ kind: 'answers' }, SMALL_BYTES, ENDLESS_MS))],
  [70, 'fails', plain({ kind: 'fails' }, SMALL_BYTES, QUICK_MS)],
  [60, 'fails once', plain({ kind: 'fails-once' }, SMALL_BYTES, QUICK_MS)],
  [50, 'returns FAILED', plain({ kind: 'returns-failed' }, SMALL_BYTES, QUICK_MS)],
  [50, 'cancelled by API', touched('api-cancel', 'agent', [0, 3_000], WAITS_MS)],
  [30, 'cancelled by API at its end', touched('api-cancel', 'agent', [900, 1_300], [1_000, 1_000])],
  [30, 'cancelled by API, ignored', ignoring('api-cancel')],
  [50, 'cancelled by its caller', touched('caller-cancel', 'start', [0, 5_000], WAITS_MS)],
  [22, 'cancelled by its caller, ignored', ignoring('caller-cancel')],
  [40, 'caller terminated', touched('caller-terminate', 'start', [0, 5_000], WAITS_MS)],
  [30, 'activity reset', touched('activity-reset', 'agent', [0, 3_000], WAITS_MS)],
  [30, 'activity paused', touched('activity-pause', 'agent', [0, 3_000], QUICK_MS)],
  [10, 'callee terminated', touched('callee-terminate', 'agent', [0, 3_000], WAITS_MS)],
];

/** Draws so many calls. */
export function planCalls(random: Random, count: number, prefix: string): CallPlan[] {
  const choices = profiles.map(([weight, name, make]) => [weight, { name, make }] as const);
  return Array.from({ length: count }, (_, index) => {
    const { name, make } = random.weighted(choices);
    const drawn = make(random);
    const key = `${prefix}-${index + 1}`;
    return { key, profile: name, detach: random.percent(15), hurried: false, ...drawn };
  });
}

type Range = readonly [least: number, most: number];

function plain(agent: { readonly kind: AgentPlan['kind'] }, bytes: Range, workMs: Range): Profile {
  return (random) => ({
    agent: agentOf(agent.kind, random.int(...bytes)),
    workMs: random.int(...workMs),
    intervention: untouched,
  });
}

function hurried(profile: Profile): Profile {
  return (random) => ({ ...profile(random), hurried: true });
}

function touched(kind: Intervention, after: 'start' | 'agent', delayMs: Range, workMs: Range): Profile {
  return (random) => ({
    agent: agentOf('answers', random.int(...SMALL_BYTES)),
    workMs: random.int(...workMs),
    intervention: { kind, after, delayMs: random.int(...delayMs) },
  });
}

function ignoring(kind: Intervention): Profile {
  return (random) => ({
    agent: { kind: 'ignores-cancel' },
    workMs: random.int(...SLOW_MS),
    intervention: { kind, after: 'agent', delayMs: random.int(0, 3_000) },
  });
}

function agentOf(kind: AgentPlan['kind'], bytes: number): AgentPlan {
  return kind === 'answers' ? { kind, bytes } : { kind };
}
