import { proxyActivities } from '@temporalio/workflow';
import { handOffActivityOptions } from '@token-handshake/core/workflow';

/** A caller: its one activity hands its wait off. */
export async function callAgent(request: {
  agentId: string;
  message: string;
  resultMs?: number;
}): Promise<unknown> {
  const activities = proxyActivities<{ 'stigmer/call-agent'(input: typeof request): Promise<unknown> }>(
    handOffActivityOptions({ livenessTimeoutMs: 10_000, resultTimeoutMs: request.resultMs ?? 120_000 }),
  );
  return activities['stigmer/call-agent'](request);
}
