import type { CallbackClaims } from '../callback/claims.ts';
import { parseTaskToken } from '../callback/task-token.ts';
import { HandshakeError } from '../handshake-error.ts';

/** What a callee knows about the completion target that a token names. */
export interface TargetFacts {
  /** The callee's own name. */
  readonly audience: string;
  /** The target's name, such as `temporal:default`. */
  readonly target: string;
  /** The caller's namespace behind that target. Default: not checked. */
  readonly namespace?: string | undefined;
  /** Its id. Default: not checked, for as long as nobody could be asked for it; check again before delivering. */
  readonly namespaceId?: string | undefined;
  /** Activity types that may be completed there. */
  readonly activityTypes: readonly string[];
}

/**
 * Holds opened claims against the target that they name, and against the task token that they carry: a caller with a
 * key may complete what its target allows, and nothing else.
 *
 * @throws HandshakeError `TOKEN_WRONG_AUDIENCE`, `TOKEN_WRONG_TARGET`, `TOKEN_WRONG_NAMESPACE`,
 * `TOKEN_ACTIVITY_NOT_ALLOWED`, `TOKEN_CLAIMS_INVALID`, `TASK_TOKEN_UNREADABLE`
 */
export function validateClaimsAgainstTarget(claims: CallbackClaims, facts: TargetFacts): void {
  if (claims.audience !== facts.audience) {
    throw new HandshakeError(
      'TOKEN_WRONG_AUDIENCE',
      `the callback token was sealed for "${claims.audience}", and this service is "${facts.audience}"; ` +
        'set the caller’s audience to this service’s name',
    );
  }
  if (claims.target !== facts.target) {
    throw new HandshakeError(
      'TOKEN_WRONG_TARGET',
      `the callback token names the completion target "${claims.target}", and "${facts.target}" was expected; ` +
        'configure the target on this service, or name another one on the caller’s side',
    );
  }
  refuseOther('namespace', claims.namespace, facts.namespace);
  refuseOther('namespace id', claims.namespaceId, facts.namespaceId);
  refuseActivityType(claims.activityType, facts.target, facts.activityTypes);
  refuseDisagreement(claims);
}

/** @throws HandshakeError `TOKEN_ACTIVITY_NOT_ALLOWED` */
export function refuseActivityType(activityType: string, target: string, allowed: readonly string[]): void {
  if (allowed.includes(activityType)) return;
  throw new HandshakeError(
    'TOKEN_ACTIVITY_NOT_ALLOWED',
    `the callback token belongs to an activity of type "${activityType}", and "${target}" allows ` +
      `${allowed.map((type) => `"${type}"`).join(', ') || 'none'}; add the type to the target’s list`,
  );
}

function refuseOther(what: string, came: string, expected: string | undefined): void {
  if (expected === undefined || came === expected) return;
  throw new HandshakeError(
    'TOKEN_WRONG_NAMESPACE',
    `the callback token belongs to the ${what} "${came}", and its target to "${expected}"; name the target that ` +
      'leads to the caller’s own namespace',
  );
}

/** Temporal acts on the task token alone, so the claims that were checked must be about the same activity. */
function refuseDisagreement(claims: CallbackClaims): void {
  const token = parseTaskToken(claims.taskToken);
  for (const name of ['namespaceId', 'workflowId', 'runId', 'activityId', 'activityType'] as const) {
    if (token[name] === claims[name]) continue;
    throw new HandshakeError(
      'TOKEN_CLAIMS_INVALID',
      `the sealed claim "${name}" disagrees with the task token that was sealed with it; seal with handOff()`,
    );
  }
}
