import { execFile } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer as createProxy, type Server as HttpServer } from 'node:http';
import { createServer as createSite } from 'node:https';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { generate } from 'selfsigned';
import { fakeTemporal, makePlayground, type Playground } from '../playground.suite.ts';
import { downloadCli, downloadPaths, findCachedDownload } from './cached-download.ts';

const run = promisify(execFile);

describe('the download by the SDK', () => {
  let machine: Playground;
  let servers: Server[];
  let sockets: Set<Socket>;
  beforeEach(async () => {
    machine = await makePlayground();
    servers = [];
    sockets = new Set();
  });
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
    await machine[Symbol.asyncDispose]();
  });
  const download = (env: NodeJS.ProcessEnv, signal?: AbortSignal) =>
    downloadCli({ env: { ...machine.env, ...env }, report: () => {}, signal });
  const listen = async (server: Server | HttpServer) => {
    servers.push(server);
    server.on('connection', (socket: Socket) => sockets.add(socket));
    await new Promise<void>((done) => {
      server.listen(0, '127.0.0.1', done);
    });
    return (server.address() as AddressInfo).port;
  };

  test('without a network it fails with the reason, within 5 s', async () => {
    const started = Date.now();
    const result = await download({});
    expect(result).toEqual({ reason: expect.stringContaining('failed to download') });
    expect(Date.now() - started).toBeLessThan(5_000);
  });

  test('when the network swallows everything it fails within 5 s and leaves nothing behind', async () => {
    const port = await listen(createServer());
    const started = Date.now();
    const result = await download({ HTTPS_PROXY: `http://127.0.0.1:${port}` });
    expect(result).toEqual({ reason: 'nothing arrived for 4.5 s' });
    expect(Date.now() - started).toBeLessThan(5_000);
    expect(await readdir(downloadPaths(machine.env).folder)).toEqual([]);
  });

  test('an abort ends it at once', async () => {
    const port = await listen(createServer());
    const abort = new AbortController();
    const result = download({ HTTPS_PROXY: `http://127.0.0.1:${port}` }, abort.signal);
    abort.abort(new Error('enough'));
    await expect(result).rejects.toThrow('enough');
  });

  test('what it downloads is kept and used again without a network', async () => {
    const site = await makeSite(machine);
    const sitePort = await listen(site);
    const proxy = createProxy();
    proxy.on('connect', (_request, socket: Socket) => {
      const upstream = connect(sitePort, '127.0.0.1');
      sockets.add(upstream);
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.pipe(upstream).pipe(socket);
    });
    const proxyPort = await listen(proxy);
    const { executable } = downloadPaths(machine.env);
    const expected = { executable, serverVersion: '1.29.1' };
    const env = {
      HTTPS_PROXY: `http://127.0.0.1:${proxyPort}`,
      SSL_CERT_FILE: join(machine.folder, 'certificate.pem'),
    };
    // Two at once: the SDK lets the second wait for the first.
    expect(await Promise.all([download(env), download(env)])).toEqual([expected, expected]);
    expect(await findCachedDownload({ env: machine.env, report: () => {}, signal: undefined })).toEqual(
      expected,
    );
    expect(await readdir(join(executable, '..'))).toEqual(['temporal-v1.5.1']);
  });
});

/** The download site, with a certificate of its own and a small program as the CLI. */
async function makeSite({ folder }: Playground) {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'temporal.download' }], {
    algorithm: 'sha256',
    keySize: 2048,
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'subjectAltName', altNames: [{ type: 2, value: 'temporal.download' }] },
    ],
  });
  await writeFile(join(folder, 'certificate.pem'), cert);
  const archive = join(folder, 'cli.tar.gz');
  await mkdir(join(folder, 'archive'));
  await writeFile(join(folder, 'archive', 'temporal'), `#!/bin/sh\n${fakeTemporal('1.29.1')}\n`);
  await chmod(join(folder, 'archive', 'temporal'), 0o755);
  await run('tar', ['czf', archive, '-C', join(folder, 'archive'), 'temporal']);
  const info = { archiveUrl: 'https://temporal.download/cli.tar.gz', fileToExtract: 'temporal' };
  const content = await readFile(archive);
  return createSite({ key, cert }, (request, response) => {
    response.end(request.url?.startsWith('/cli/v1.5.1?') ? JSON.stringify(info) : content);
  });
}
