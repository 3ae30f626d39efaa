const AGENT_PREFIX = 'agt_';
const INSTANCE_PREFIX = 'ain_';

/** The id of an agent's only instance: made of the agent's. */
export function instanceIdOf(agentId: string): string {
  return agentId.replace(new RegExp(`^${AGENT_PREFIX}`), INSTANCE_PREFIX);
}

/** The agent of an instance; `undefined` when it is no id of an instance. */
export function agentIdOfInstance(instanceId: string): string | undefined {
  return instanceId.startsWith(INSTANCE_PREFIX)
    ? AGENT_PREFIX + instanceId.slice(INSTANCE_PREFIX.length)
    : undefined;
}
