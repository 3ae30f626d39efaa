import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type ApiKeyEntry, bearerAuthenticator, parseApiKeyFile } from '@token-handshake/service-kit';

const DAY_MS = 86_400_000;

describe('stigmer-server api-key create', () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stigmer-api-key-'));
    file = join(folder, 'keys.json');
  });
  afterEach(() => rm(folder, { recursive: true }));

  const create = (...flags: string[]) =>
    run(['--principal', 'zigflow', ...flags], { STIGMER_API_KEYS_FILE: file });
  const entries = async () => parseApiKeyFile(await readFile(file, 'utf8'));

  test('prints the key once, and keeps its hash in a file for the owner only', async () => {
    const { code, stdout } = await create('--scope', 'caller');
    const key = stdout.trim();
    expect({ code, key }).toEqual({ code: 0, key: expect.stringMatching(/^sgk_/) });
    expect(await readFile(file, 'utf8')).not.toContain(key.split('_').at(-1));
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await authorityOf(await entries(), key)).toEqual({
      id: 'zigflow',
      roles: ['caller'],
      rawTokens: false,
    });
  });

  test('adds to the entries and the mode of a file that is there', async () => {
    const first = (await create('--scope', 'caller')).stdout.trim();
    await chmod(file, 0o640);
    const before = Date.now();
    const { stdout } = await create(
      '--scope',
      'runner',
      '--scope',
      'operator',
      '--raw-tokens',
      '--expires',
      '90d',
    );
    const second = await entries();
    expect((await authorityOf(second, first))?.roles).toEqual(['caller']);
    expect(await authorityOf(second, stdout.trim())).toEqual({
      id: 'zigflow',
      roles: ['runner', 'operator'],
      rawTokens: true,
    });
    expect(Date.parse(second[1]?.expiresAt ?? '')).toBeGreaterThanOrEqual(before + 90 * DAY_MS);
    expect((await stat(file)).mode & 0o777).toBe(0o640);
    expect(await readdir(folder)).toEqual(['keys.json']);
  });

  test('prints the entry where no file is named', async () => {
    const { code, stdout, stderr } = await run(['--principal', 'zigflow', '--scope', 'caller'], {});
    expect(code).toBe(0);
    const [entry = ''] = /^\{.*\}$/m.exec(stderr) ?? [];
    const kept = parseApiKeyFile(`{"keys": [${entry}]}`);
    expect((await authorityOf(kept, stdout.trim()))?.id).toBe('zigflow');
  });

  test('leaves a file alone that it cannot read, and prints no key then', async () => {
    await writeFile(file, 'something else');
    const { code, stdout } = await create('--scope', 'caller');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(await readFile(file, 'utf8')).toBe('something else');
    expect(await readdir(folder)).toEqual(['keys.json']);
  });

  test.each([
    ['a scope that nobody gives', ['--scope', 'anonymous']],
    ['no scope', []],
    ['a time that is none', ['--scope', 'caller', '--expires', 'soon']],
    ['a principal of another issuer', ['--scope', 'caller', '--principal', 'jwt:ada']],
  ])('refuses %s', async (_name, flags) => {
    const { code, stdout, stderr } = await create(...flags);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).not.toBe('');
    expect(await readdir(folder)).toEqual([]);
  });
});

function run(
  flags: readonly string[],
  env: Record<string, string>,
): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const main = fileURLToPath(new URL('../main.ts', import.meta.url));
  const args = ['--conditions=@token-handshake/source', main, 'api-key', 'create', ...flags];
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      args,
      { env: { PATH: process.env['PATH'], ...env } },
      (error, stdout, stderr) => resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
  });
}

/** Whom a server with these entries takes the key's holder for. */
async function authorityOf(kept: readonly ApiKeyEntry[], key: string) {
  const apiKeys = new Map(kept.map((entry) => [entry.id, entry]));
  const authenticator = bearerAuthenticator({ apiKeys: () => apiKeys, jwt: () => undefined });
  const authentication = await authenticator.authenticate(new Headers({ authorization: `Bearer ${key}` }));
  if (authentication.kind !== 'principal') return undefined;
  const { id, roles, rawTokens } = authentication.principal;
  return { id, roles, rawTokens };
}
