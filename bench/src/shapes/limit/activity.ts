import { activityInfo, CompleteAsyncError } from '@temporalio/activity';

/** The activity; `url` is the completer's. */
export function limitActivities(url: string) {
  return {
    async waitForToken(): Promise<string> {
      const response = await fetch(url, { method: 'POST', body: Buffer.from(activityInfo().taskToken) });
      if (!response.ok) throw new Error(`expected the token to be taken, but got HTTP ${response.status}`);
      await response.arrayBuffer();
      throw new CompleteAsyncError();
    },
  };
}
