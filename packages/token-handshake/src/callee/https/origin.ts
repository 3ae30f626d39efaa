import { HandshakeError } from '../../handshake-error.ts';

/**
 * Reads an origin as tokens name it: `https://host` or `https://host:port`, exactly as a browser writes it, so that
 * two spellings of one origin cannot be told apart by mistake.
 *
 * @throws HandshakeError `OPTIONS_INVALID`
 */
export function exactOrigin(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'https:' && url.origin === text) return url;
  const advice = url?.protocol === 'https:' ? `; write "${url.origin}"` : '';
  throw new HandshakeError(
    'OPTIONS_INVALID',
    `Expected an origin such as https://caller.example.com, without path and in lower case, got "${text}"${advice}.`,
  );
}
