import type { FastifyInstance } from 'fastify';
import type { MetricsSource } from '../metrics/create-metrics.ts';
import type { Readiness } from './readiness.ts';

/**
 * Plain HTTP for orchestrators: `/healthz` (the process runs), `/readyz` (it can work; 503 with the reason
 * of each check otherwise) and `/metrics`.
 */
export function addStatusRoutes(app: FastifyInstance, readiness: Readiness, metrics?: MetricsSource): void {
  app.get('/healthz', () => ({ status: 'ok' }));
  app.get('/readyz', (_request, reply) => {
    const snapshot = readiness.snapshot();
    return reply.code(snapshot.ready ? 200 : 503).send(snapshot);
  });
  if (metrics === undefined) return;
  app.get('/metrics', async (_request, reply) => {
    const { contentType, body } = await metrics.render();
    return reply.type(contentType).send(body);
  });
}
