import type { FastifyInstance } from 'fastify';

/**
 * Answers 400 to a request whose host is missing or no host at all. Connect makes a URL of it; where that
 * fails, its fastify plugin prints the error and lets fastify answer 200 with nothing.
 */
export function refuseUnnamedHost(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    if (URL.canParse(`http://${request.host}`)) return;
    await reply
      .code(400)
      .send({ error: 'expected the host that the request is for: send a valid Host header' });
  });
}
