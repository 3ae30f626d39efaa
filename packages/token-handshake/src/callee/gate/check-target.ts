import type { CallbackClaims } from '../../callback/claims.ts';
import { validateClaimsAgainstTarget } from '../../decision/validate-claims.ts';
import type { CompletionTarget } from '../completion-target.ts';

/**
 * Holds a token's claims against the target they name. The namespace's id is compared once the target could learn it:
 * its Temporal may be down when a call comes in.
 *
 * @throws HandshakeError as `validateClaimsAgainstTarget`
 */
export async function checkTarget(
  claims: CallbackClaims,
  target: CompletionTarget,
  audience: string,
): Promise<void> {
  const { name, namespace, activityTypes } = target;
  const namespaceId = await target.namespaceId();
  validateClaimsAgainstTarget(claims, { audience, target: name, namespace, namespaceId, activityTypes });
}
