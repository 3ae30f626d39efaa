import type { Agent } from '@token-handshake/proto/agent';
import { ApiResourceOwnerScope, type ApiResourceReference } from '@token-handshake/proto/apiresource';
import type { AgentReference } from './agent-store.ts';

/** What an agent is found by. */
export function referenceOf(agent: Agent): AgentReference {
  const { ownerScope, org, slug } = agent.metadata ?? { ownerScope: 0, org: '', slug: '' };
  return reference(ownerScope, org, slug);
}

/**
 * What a client's reference may mean, the likeliest first. A platform agent is found whatever organization is given;
 * a reference without scope means the organization's own agent, or else the platform's.
 */
export function referencesFrom({ scope, org, slug }: ApiResourceReference): readonly AgentReference[] {
  const first = reference(scope, org, slug);
  const anyScope = scope === ApiResourceOwnerScope.api_resource_owner_scope_unspecified;
  return anyScope && org !== '' ? [first, reference(ApiResourceOwnerScope.platform, '', slug)] : [first];
}

/** A scope that is not given is an organization's where one is named, else the platform's. */
function reference(scope: ApiResourceOwnerScope, org: string, slug: string): AgentReference {
  switch (scope) {
    case ApiResourceOwnerScope.platform:
      return { scope: 'platform', org: '', slug };
    case ApiResourceOwnerScope.identity_account:
      return { scope: 'account', org, slug };
    case ApiResourceOwnerScope.organization:
      return { scope: 'organization', org, slug };
    default:
      return org === '' ? { scope: 'platform', org, slug } : { scope: 'organization', org, slug };
  }
}

/** The name in the form that references use: lowercase letters, digits and single hyphens. */
export function slugOf(name: string): string {
  return name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
}
