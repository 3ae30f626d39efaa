import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { type FailPointName, failPointNames } from './fail-point-names.ts';

/**
 * Arms fail points for a process; only tests set it. `NAME=ACTION`, several separated by semicolons. Actions: `kill`
 * ends the process at once as `kill -9` does, `kill:2` at the second pass; `hold:FILE` writes FILE with `.held` behind its
 * name, then waits until FILE exists.
 */
export const failPointsVariable = 'TOKEN_HANDSHAKE_FAIL_POINTS';

/** How often a held pass looks for its file. */
const LOOK_MS = 20;

type Action =
  | { readonly kind: 'kill'; readonly atPass: number }
  | { readonly kind: 'hold'; readonly file: string };

/** Passes a place where a test may make the process fail. Does nothing unless {@link failPointsVariable} names it. */
export const failPoint = createFailPoints(process.env[failPointsVariable]);

/**
 * {@link failPoint} for other text than the environment's.
 *
 * @throws Error when the text is not understood: a test that believes it armed something must not pass
 */
export function createFailPoints(text: string | undefined): (name: FailPointName) => Promise<void> {
  const armed = parse(text ?? '');
  const passes = new Map<FailPointName, number>();
  return async (name) => {
    const action = armed.get(name);
    if (action === undefined) return;
    const pass = (passes.get(name) ?? 0) + 1;
    passes.set(name, pass);
    switch (action.kind) {
      case 'kill':
        if (pass === action.atPass) process.kill(process.pid, 'SIGKILL');
        return;
      case 'hold':
        writeFileSync(`${action.file}.held`, '');
        while (!existsSync(action.file)) await delay(LOOK_MS);
    }
  };
}

function parse(text: string): ReadonlyMap<FailPointName, Action> {
  const parts = text.split(';').map((part) => part.trim());
  return new Map(parts.filter((part) => part !== '').map(parseOne));
}

function parseOne(part: string): [FailPointName, Action] {
  const [, name = '', kind = '', argument] = /^([^=]*)=?([^:]*):?(.*)$/s.exec(part) ?? [];
  if (!(name in failPointNames)) {
    throw new Error(
      `${failPointsVariable} names "${name}": expected one of ${Object.keys(failPointNames).join(', ')}`,
    );
  }
  const action = actionOf(kind, argument);
  if (action === undefined) {
    throw new Error(`${failPointsVariable} has "${part}": expected NAME=kill, NAME=kill:2 or NAME=hold:FILE`);
  }
  return [name as FailPointName, action];
}

function actionOf(kind: string, argument = ''): Action | undefined {
  if (kind === 'hold' && argument !== '') return { kind: 'hold', file: argument };
  const atPass = argument === '' ? 1 : Number(argument);
  return kind === 'kill' && Number.isInteger(atPass) && atPass > 0 ? { kind: 'kill', atPass } : undefined;
}
