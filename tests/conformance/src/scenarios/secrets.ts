import { createHash } from 'node:crypto';
import { requireThat, type Scenario } from '../scenario.ts';
import type { Stand } from '../stand.ts';

const NAME = 'CONFORMANCE_SECRET';

/** Begins a run with a secret of its own; the agent answers with its digest. */
async function runWithSecret(stand: Stand, value: string): Promise<string> {
  const id = await stand.begin(`digest ${NAME}`, { secrets: { [NAME]: value } });
  const { status } = await stand.end(id);
  const digest = createHash('sha256').update(value).digest('hex');
  requireThat(status?.output === digest, 'the digest of the secret', status?.output || status?.error);
  return id;
}

/** What is in the environment of a run and nowhere else. */
export const secrets: readonly Scenario[] = [
  {
    name: 'the agent has its secrets',
    verb: 'digest',
    async run(stand) {
      await runWithSecret(stand, 'hunter-2 Zürich');
    },
  },
  {
    name: 'the agent has its secrets, and no history has them',
    verb: 'digest',
    needs: 'secretsByReference',
    async run(stand) {
      const value = 'never-in-a-history';
      const history = await stand.history(await runWithSecret(stand, value));
      // Else it would not be searched at all.
      requireThat(history.includes(NAME), `a history with the name ${NAME}`, history);
      requireThat(!history.includes(value), 'a history without the secret', value);
    },
  },
];
