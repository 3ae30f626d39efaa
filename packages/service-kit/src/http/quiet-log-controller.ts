import { type FastifyReply, type FastifyRequest, LogController } from 'fastify';

/** Probes and scrapes are not worth a line; RPCs have their own; what fails is worth one. */
export class QuietLogController extends LogController {
  override incomingRequest(): void {}
  override requestCompleted(): void {}
  override routeNotFound(): void {}

  override defaultErrorLog(error: Error, request: FastifyRequest, reply: FastifyReply): void {
    const level = reply.statusCode >= 500 ? 'error' : 'debug';
    const { method, url } = request.raw;
    request.log[level]({ err: error, method, url, status: reply.statusCode }, 'http request failed');
  }
}
