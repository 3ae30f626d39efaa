import { readFileSync } from 'node:fs';
import type { World } from '../world/world.ts';

/** Something that is where it must not be. */
export interface Leak {
  readonly what: string;
  readonly where: string;
}

/** The first 39 bytes of every raw task token: tag, length and value of the namespace's id, and one tag more. */
const TOKEN_HEAD_BYTES = 39;
/** A compact JWE without an encrypted key, as callback tokens are sealed. */
const SEALED_TOKEN = /eyJ[\w-]{20,}\.\.[\w-]{10,}\.[\w-]{10,}/;

/** Looks for task tokens and secrets in both services' logs and in Stigmer's database. */
export async function findLeaks({ system, secret }: World): Promise<readonly Leak[]> {
  const head = await tokenHead(system.temporal);
  const raw = [
    ['a raw task token', head],
    ['a raw task token in Base64', Buffer.from(head.toString('base64'))],
    ['a raw task token in hex', Buffer.from(head.toString('hex'))],
  ] as const;
  const secrets = [['the secret', Buffer.from(secret)]] as const;
  const leaks: Leak[] = [];
  for (const [what, bytes] of [...raw, ...secrets]) {
    for (const file of ['', '-wal']) {
      const content = readIfThere(`${system.stack.databaseFile}${file}`);
      if (content.includes(bytes)) leaks.push({ what, where: `the database (stigmer.db${file})` });
    }
    for (const { service, text } of system.log.lines()) {
      if (!text.includes(bytes.toString('latin1'))) continue;
      leaks.push({ what, where: `a line of ${service}: ${text.slice(0, 200)}` });
      break;
    }
  }
  const sealed = system.log.lines().find(({ text }) => SEALED_TOKEN.test(text));
  if (sealed)
    leaks.push({
      what: 'a callback token',
      where: `a line of ${sealed.service}: ${sealed.text.slice(0, 200)}`,
    });
  return leaks;
}

/** Every raw task token of a namespace begins with the namespace's id as its first field. */
async function tokenHead({ workflowService, options }: World['system']['temporal']): Promise<Buffer> {
  const { namespaceInfo } = await workflowService.describeNamespace({ namespace: options.namespace });
  const id = Buffer.from(namespaceInfo?.id ?? '');
  return Buffer.concat([Buffer.from([0x0a, id.length]), id, Buffer.from([0x12])]).subarray(
    0,
    TOKEN_HEAD_BYTES,
  );
}

function readIfThere(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}
