import type { CallbackClaims } from '../../callback/claims.ts';
import type { KeyRing } from '../../callback/key-ring.ts';
import { open } from '../../callback/open.ts';
import type { CompletionTarget } from '../../callee/completion-target.ts';
import { validateClaimsAgainstTarget } from '../../decision/validate-claims.ts';
import { HandshakeError } from '../../handshake-error.ts';

/** What opening takes. */
export interface CallbackOpening {
  readonly audiences: readonly string[];
  readonly keyRing: () => KeyRing;
  readonly origins: readonly string[];
}

/**
 * Opens a token that comes back from a callee, with all the checks of the protocol: seal, audience, target, namespace
 * and its id, activity type. Whoever holds the token needs nothing else, so nothing is left out.
 *
 * @throws HandshakeError with the code of what is wrong
 */
export async function openForCallback(
  token: Uint8Array,
  { audiences, keyRing, origins }: CallbackOpening,
  targetFor: (audience: string) => CompletionTarget,
): Promise<{ readonly claims: CallbackClaims; readonly target: CompletionTarget }> {
  const { claims } = await open(keyRing(), token, { audience: audiences });
  if (!origins.includes(claims.target)) {
    throw new HandshakeError(
      'TOKEN_WRONG_TARGET',
      `the callback token names the completion target "${claims.target}", and this service is ` +
        `${origins.map((origin) => `"${origin}"`).join(', ') || 'none'}; send it to the target that it names`,
    );
  }
  const target = targetFor(claims.audience);
  const { namespace, activityTypes } = target;
  validateClaimsAgainstTarget(claims, {
    audience: claims.audience,
    target: claims.target,
    namespace,
    namespaceId: await target.namespaceId(),
    activityTypes,
  });
  return { claims, target };
}
