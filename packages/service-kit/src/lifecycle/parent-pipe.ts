import type { Readable } from 'node:stream';
import type { Environment } from '../config/read-config.ts';

/** Set to `1` by a launcher that holds the other end of our standard input. */
export const parentPipeVariable = 'TOKEN_HANDSHAKE_PARENT_PIPE';

/**
 * Calls `onGone` once the launcher's end of standard input is closed: a launcher that is killed with
 * SIGKILL forwards nothing, but the system closes its pipes. Does nothing unless the launcher announced
 * the pipe, so that a service started by hand with `< /dev/null` stays up.
 */
export function watchParentPipe(
  env: Environment,
  onGone: () => void,
  input: Readable = process.stdin,
): () => void {
  if (env[parentPipeVariable] !== '1') return () => {};
  let gone = false;
  const onEnd = () => {
    if (gone) return;
    gone = true;
    onGone();
  };
  input.on('end', onEnd).on('close', onEnd).on('error', onEnd);
  input.resume();
  return () => {
    input.off('end', onEnd).off('close', onEnd).off('error', onEnd);
    input.pause();
  };
}
