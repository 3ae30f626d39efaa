/** The status codes that the handshake tells apart. https://grpc.io/docs/guides/status-codes/ */
export const GRPC_STATUS = {
  INVALID_ARGUMENT: 3,
  NOT_FOUND: 5,
  PERMISSION_DENIED: 7,
  UNAUTHENTICATED: 16,
} as const;

/** What a gRPC call ended with. */
export interface GrpcStatus {
  readonly code: number;
  readonly detail: string;
  /** A namespace that does not exist is NOT_FOUND too, but says nothing about the activity. */
  readonly namespaceNotFound: boolean;
}

/** Reads an error of either connection of the SDK, grpc-js or native; `undefined` for any other error. */
export function grpcStatusOf(error: unknown): GrpcStatus | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error) || typeof error.code !== 'number') {
    return undefined;
  }
  const detail = text(error, 'details') || text(error, 'message') || 'no reason given';
  return { code: error.code, detail, namespaceNotFound: statusDetails(error).includes(NAMESPACE_NOT_FOUND) };
}

const NAMESPACE_NOT_FOUND = 'temporal.api.errordetails.v1.NamespaceNotFoundFailure';

function text(error: object, key: string): string {
  const value: unknown = Reflect.get(error, key);
  return typeof value === 'string' ? value : '';
}

/** The type names of the details are readable in their encoding, so it need not be decoded. */
function statusDetails(error: object): string {
  const metadata: unknown = Reflect.get(error, 'metadata');
  if (typeof metadata !== 'object' || metadata === null || !('get' in metadata)) return '';
  if (typeof metadata.get !== 'function') return '';
  const values: unknown = metadata.get('grpc-status-details-bin');
  const [value] = Array.isArray(values) ? values : [];
  return value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : '';
}
