import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runnerCommand } from '@token-handshake/agent-runner';
import { NotKept } from './scenario.ts';
import { scenarios } from './scenarios/index.ts';
import { type Stand, startStand } from './stand.ts';
import type { Abilities, Subject } from './subject.ts';

interface Case {
  readonly runner: string;
  readonly abilities: Abilities;
  readonly subject: () => Promise<Subject>;
}

const cases: readonly Case[] = [
  {
    runner: 'embedded',
    abilities: { resumes: false, resumesFromDetails: true, secretsByReference: true },
    subject: async () => ({ kind: 'embedded' }),
  },
  {
    runner: 'Python',
    abilities: { resumes: true, resumesFromDetails: true, secretsByReference: true },
    async subject() {
      const { command, args, env } = await runnerCommand((line) => process.stderr.write(`${line}\n`));
      return {
        kind: 'program',
        command,
        args,
        env: { ...env, GRAPHS_DIR: join(import.meta.dirname, '../graphs'), SHUTDOWN_GRACE_SECONDS: '1' },
      };
    },
  },
];

describe.each(cases)('the $runner runner', ({ abilities, subject }) => {
  let stand: Stand;
  let errors = '';
  beforeAll(async () => {
    stand = await startStand(await subject(), {
      abilities,
      onError: (text) => {
        errors = (errors + text).slice(-10_000);
      },
    });
  }, 300_000);
  afterAll(async () => {
    await stand?.[Symbol.asyncDispose]();
  });

  const kept = scenarios.filter(({ needs }) => needs === undefined || abilities[needs]);
  test.each(kept)('$name', async ({ run }) => {
    try {
      await run(stand);
    } catch (error) {
      throw new Error(`${String(error)}\nThe runner's last words:\n${errors}`, { cause: error });
    }
  });

  // That the scenario can fail is worth knowing, too.
  for (const { name, needs, run } of scenarios) {
    if (needs === undefined || abilities[needs]) continue;
    test(`noticed as not kept: ${name}`, async () => {
      await expect(run(stand)).rejects.toBeInstanceOf(NotKept);
    });
  }
});
