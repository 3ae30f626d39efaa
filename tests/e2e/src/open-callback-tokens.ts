import { readFile } from 'node:fs/promises';
import { KeyRing, open, type TaskToken } from '@token-handshake/core';
import type { System } from '@token-handshake/test-kit';

/** The task tokens of all bindings in the database, opened with the system's own keys. */
export async function openCallbackTokens(system: System): Promise<TaskToken[]> {
  const keyRing = KeyRing.fromJwks(await readFile(system.stack.keys.handshakeKeysFile, 'utf8'));
  const rows = system.query<{ sealed: Uint8Array }>('select sealed from bindings order by generation');
  return Promise.all(
    rows.map(async ({ sealed }) => {
      const opened = await open(keyRing, new Uint8Array(sealed), { audience: 'stigmer' });
      return opened.claims.taskToken;
    }),
  );
}
