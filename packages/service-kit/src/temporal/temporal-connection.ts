import { Client, type ClientOptions, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import type { TemporalEndpoint } from './connection-options.ts';
import { temporalDataConverter } from './data-converter.ts';

/** What {@link openConnection} takes beside the endpoint. */
export interface TemporalConnectionOptions extends TemporalEndpoint {
  /** Options of the Client. Default: the data converter of the contract. */
  readonly client?: Omit<ClientOptions, 'connection' | 'namespace'>;
  /** Also open a grpc-js connection, for what the native one cannot do. Default: false. */
  readonly grpcJs?: boolean;
}

/** An open way to one namespace. It survives restarts of the server by itself. */
export interface TemporalConnection {
  readonly address: string;
  readonly namespace: string;
  /** For Workers. */
  readonly native: NativeConnection;
  /** On the Workers' connection, as an eager workflow start wants it. */
  readonly client: Client;
  /** Present when `grpcJs` was asked for. */
  readonly grpc?: Connection;
  /** Ends it. Workers on it must have ended before. */
  close(): Promise<void>;
}

/** Opens a connection, once; rejects when the server does not answer. */
export async function openConnection(options: TemporalConnectionOptions): Promise<TemporalConnection> {
  const { address, namespace, tls, apiKey } = options;
  const reach = {
    address,
    ...(tls === undefined ? {} : { tls }),
    ...(apiKey === undefined ? {} : { apiKey }),
  };
  const native = await NativeConnection.connect(reach);
  try {
    const grpc = options.grpcJs === true ? await Connection.connect(reach) : undefined;
    const client = new Client({
      dataConverter: temporalDataConverter,
      ...options.client,
      connection: native,
      namespace,
    });
    return {
      address,
      namespace,
      native,
      client,
      ...(grpc === undefined ? {} : { grpc }),
      async close() {
        await grpc?.close();
        await native.close();
      },
    };
  } catch (error) {
    await native.close();
    throw error;
  }
}
