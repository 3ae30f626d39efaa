import type { FastifyInstance } from 'fastify';
import type { ResolvedHttpServerOptions } from './http-server-options.ts';

/**
 * Plain HTTP for orchestrators: `/healthz` (the process runs), `/readyz` (it can work; 503 with the reason
 * of each check otherwise, unless details are off) and `/metrics`.
 */
export function addStatusRoutes(
  app: FastifyInstance,
  {
    readiness,
    readinessDetails,
    metrics,
  }: Pick<ResolvedHttpServerOptions, 'readiness' | 'readinessDetails' | 'metrics'>,
): void {
  app.get('/healthz', () => ({ status: 'ok' }));
  app.get('/readyz', (_request, reply) => {
    const snapshot = readiness.snapshot();
    const { ready } = snapshot;
    return reply.code(ready ? 200 : 503).send(readinessDetails ? snapshot : { ready });
  });
  if (metrics === undefined) return;
  app.get('/metrics', async (_request, reply) => {
    const { contentType, body } = await metrics.render();
    return reply.type(contentType).send(body);
  });
}
