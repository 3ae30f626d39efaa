import { Client, Connection } from '@temporalio/client';
import { temporal } from '@temporalio/proto';

/** Every event of a workflow, as bytes and the words in them. */
export async function historyOf(address: string, workflowId: string): Promise<string> {
  const connection = await Connection.connect({ address });
  try {
    const { events } = await new Client({ connection }).workflow.getHandle(workflowId).fetchHistory();
    const bytes = temporal.api.history.v1.History.encode({ events: events ?? [] }).finish();
    return Buffer.from(bytes).toString('utf8');
  } finally {
    await connection.close();
  }
}
