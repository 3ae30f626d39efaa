import { Interruption, watchInterruptions } from '@token-handshake/local';
import { readArguments, usage } from './arguments.ts';
import { scenarios } from './scenarios/index.ts';
import { startStand } from './stand.ts';
import type { Subject } from './subject.ts';

// What `pnpm conformance` runs. Everything that it starts is on free ports and in a temporary folder, and ends with it.

process.exit(await main());

async function main(): Promise<number> {
  const given = readArguments(process.argv.slice(2));
  if (given.kind === 'help') {
    process.stdout.write(usage);
    return 0;
  }
  if (given.kind === 'wrong') {
    process.stderr.write(`${given.problem}\n\n${usage}`);
    return 64;
  }
  const [command = '', ...args] = given.command;
  const subject: Subject = given.embedded ? { kind: 'embedded' } : { kind: 'program', command, args };
  const chosen = scenarios
    .filter(({ name }) => name.includes(given.only))
    .filter(({ needs }) => needs === undefined || given.abilities[needs]);
  if (chosen.length === 0) {
    process.stderr.write(`no scenario's name contains "${given.only}"\n`);
    return 64;
  }
  const signal = watchInterruptions();
  try {
    await using stand = await startStand(subject, {
      abilities: given.abilities,
      onError: (text) => process.stderr.write(text),
    });
    let broken = 0;
    for (const { name, run } of chosen) {
      signal.throwIfAborted();
      const startedAt = performance.now();
      const problem = await run(stand).then(
        () => undefined,
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      );
      const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1).padStart(5);
      process.stdout.write(`${problem === undefined ? 'kept  ' : 'BROKEN'} ${seconds} s  ${name}\n`);
      if (problem === undefined) continue;
      broken += 1;
      process.stdout.write(`                 ${problem}\n`);
      // What it began may have killed the runner.
      await stand.startRunner();
    }
    process.stdout.write(`${chosen.length - broken} of ${chosen.length} promises kept\n`);
    return broken === 0 ? 0 : 1;
  } catch (error) {
    if (signal.aborted && signal.reason instanceof Interruption) return signal.reason.exitCode;
    process.stderr.write(`conformance: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}
