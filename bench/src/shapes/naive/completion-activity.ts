import type { Client } from '@temporalio/client';

/** The activity of the callee's worker that completes callers. */
export function completionActivities(client: Client) {
  return {
    /** @param taskToken - Base64 */
    async completeExternalActivity(taskToken: string, answer: string): Promise<void> {
      await client.activity.complete(new Uint8Array(Buffer.from(taskToken, 'base64')), answer);
    },
  };
}
