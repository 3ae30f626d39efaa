import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { generate } from 'selfsigned';

/** A TLS server that passes what it decrypts on to a server without TLS. */
export interface TlsTerminator extends AsyncDisposable {
  /** `https://localhost:port`; the certificate is also good for 127.0.0.1. */
  readonly origin: string;
  /** `localhost:port`, for gRPC clients. */
  readonly address: string;
  /** `host:port` that new connections go to; may be set at any time. */
  target: string;
  /** The authority's certificate, for `NODE_EXTRA_CA_CERTS` and for clients' options. */
  readonly caFile: string;
  /** Connections that were accepted since the start: whose TLS handshake succeeded. */
  readonly accepted: number;
}

/** What {@link startTlsTerminator} takes. */
export interface TlsTerminatorOptions {
  /** `host:port` of a server without TLS. Default: none; connections are closed until it is set. */
  readonly target?: string;
}

/** Starts one on a free port, with a certificate of an authority made for it alone. */
export async function startTlsTerminator(options: TlsTerminatorOptions = {}): Promise<TlsTerminator> {
  const { authority, key, certificate } = await makeCertificates();
  const folder = await mkdtemp(join(tmpdir(), 'authority-'));
  const caFile = join(folder, 'ca.pem');
  await writeFile(caFile, authority);
  const sockets = new Set<Socket>();
  let accepted = 0;

  const keep = (socket: Socket, other: () => Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => {
      sockets.delete(socket);
      other().destroy();
    });
  };
  // Connect and gRPC ask for HTTP/2 by ALPN; what is chosen is what the target gets to see.
  const server = createServer({ key, cert: certificate, ALPNProtocols: ['h2', 'http/1.1'] }, (client) => {
    accepted += 1;
    const split = terminator.target.lastIndexOf(':');
    if (split < 0) {
      client.on('error', () => {});
      client.destroy();
      return;
    }
    const onward: Socket = connect({
      host: terminator.target.slice(0, split),
      port: Number(terminator.target.slice(split + 1)),
    });
    keep(client, () => onward);
    keep(onward, () => client);
    client.pipe(onward).pipe(client);
  });
  // A client that does not trust the authority ends here.
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port: 0 }, resolve);
  });
  const address = `localhost:${(server.address() as AddressInfo).port}`;
  const terminator: TlsTerminator = {
    origin: `https://${address}`,
    address,
    target: options.target ?? '',
    caFile,
    get accepted() {
      return accepted;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true });
    },
  };
  return terminator;
}

async function makeCertificates() {
  const algorithm = { keyType: 'ec', algorithm: 'sha256' } as const;
  const authority = await generate([{ name: 'commonName', value: 'authority of a test' }], {
    ...algorithm,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const server = await generate([{ name: 'commonName', value: 'localhost' }], {
    ...algorithm,
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  return { authority: authority.cert, key: server.private, certificate: server.cert };
}
