import type { Agent } from '@token-handshake/proto/agent';
import { ApiResourceKind } from '@token-handshake/proto/apiresource';
import type { Clients } from './clients.ts';

const ID = /^agt_/;

/** An agent by its id, its slug, or `org/slug`. */
export function findAgent({ agents }: Pick<Clients, 'agents'>, name: string): Promise<Agent> {
  if (ID.test(name)) return agents.get({ value: name });
  const [slug = '', org = ''] = name.split('/').toReversed();
  return agents.getByReference({ kind: ApiResourceKind.agent, slug, org });
}
