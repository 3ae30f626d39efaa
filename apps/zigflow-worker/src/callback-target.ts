import { list } from '@token-handshake/service-kit';
import { z } from 'zod';

const TARGET_FORMAT = 'temporal:<name>, or an origin such as https://zigflow.example.com without path';

/** Exactly as a browser writes it: a token names its target, and callees compare it letter by letter. */
function isHttpsOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, origin } = new URL(text);
  return protocol === 'https:' && origin === text;
}

/** Where a callee completes calls, by the callee's name for it. */
export const callbackTarget = z
  .string()
  .refine((text) => /^temporal:[\w.-]+$/.test(text) || isHttpsOrigin(text), TARGET_FORMAT)
  .describe('temporal:<name> or https://<host>');

const ORIGINS_FORMAT = 'origins such as https://zigflow.example.com, separated by commas';

/** Origins, separated by commas. */
export const httpsTargets = list
  .refine((origins) => origins.every(isHttpsOrigin), ORIGINS_FORMAT)
  .describe('https://<host>, separated by commas');
