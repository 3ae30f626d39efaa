import type { Agent } from '@token-handshake/proto/agent';
import { ApiResourceOwnerScope, type ApiResourceReference } from '@token-handshake/proto/apiresource';
import type { AgentReference } from './agent-store.ts';

/** What an agent is found by. */
export function referenceOf(agent: Agent): AgentReference {
  const { ownerScope, org, slug } = agent.metadata ?? { ownerScope: 0, org: '', slug: '' };
  return reference(ownerScope, org, slug);
}

/** A client's reference as the store takes it: a platform agent is found whatever organization is given. */
export function referenceFrom({ scope, org, slug }: ApiResourceReference): AgentReference {
  return reference(scope, org, slug);
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
