import type { JsonValue } from '@token-handshake/core';
import { runWorkflow } from './run-workflow.ts';

/**
 * Every workflow type of a worker is one of its documents: they are all run by this one dynamic workflow.
 */
// biome-ignore lint/style/noDefaultExport: the SDK looks the dynamic workflow up as the default export
export default async function zigflow(input?: JsonValue): Promise<JsonValue> {
  return runWorkflow(input ?? null);
}
