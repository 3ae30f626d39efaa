import { createServer, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { Client } from '@temporalio/client';
import { type Listening, listen } from '../../processes/listen.ts';
import { ANSWER } from '../names.ts';

/** Completes every activity whose token is posted, at once. A token that is not taken ends the process, and the run. */
export function serveCompleter(client: Client): Promise<Listening> {
  const complete = async (request: IncomingMessage) =>
    client.activity.complete(new Uint8Array(await buffer(request)), ANSWER);
  return listen(
    createServer((request, response) => {
      request.once('end', () => response.writeHead(204).end());
      void complete(request);
    }),
  );
}
