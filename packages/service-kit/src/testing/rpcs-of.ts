import type { DescMethod } from '@bufbuild/protobuf';
import { type ConnectRouter, createConnectRouter } from '@connectrpc/connect';

/** One RPC of a service, as it is registered. */
export interface Rpc {
  /** `/package.Service/method`. */
  readonly path: string;
  readonly method: DescMethod;
}

/** Every RPC that a service registers, whatever it registers next. */
export function rpcsOf(routes: (router: ConnectRouter) => void): readonly Rpc[] {
  const router = createConnectRouter();
  routes(router);
  return router.handlers.map(({ method, requestPath }) => ({ path: requestPath, method }));
}
