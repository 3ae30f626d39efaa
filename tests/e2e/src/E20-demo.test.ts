import { expect, test } from '@jest/globals';
import { onTerminal, startDemo } from './demo-process.ts';

// pnpm names itself to the scripts that it runs.
const pnpm = process.env['npm_execpath']?.endsWith('pnpm') === true ? process.env['npm_execpath'] : 'pnpm';
const npx = ['npx', '--yes', '-p', 'node@24', '-p', 'pnpm@12.21.0', 'pnpm'];

const LONG_MS = 180_000;

test(
  'E20 the demo tells the handshake, shows the answer, and leaves nothing running',
  async () => {
    await using demo = await startDemo([pnpm, 'demo']);
    expect(await demo.ended).toBe(0);
    await demo.nothingLeft(0);
    const output = demo.output();
    for (const text of [
      'fingerprint',
      'slots',
      'delivered',
      'The answer',
      '/namespaces/default/workflows/summarize-',
    ]) {
      expect(output).toContain(text);
    }
    expect(output).toMatch(/\/workflows\/aex_/);
    expect(Math.max(...output.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  },
  LONG_MS,
);

test.each([
  ['starting, before it has looked for a server', 'token handshake', []],
  ['starting, while the services come up', 'using', []],
  ['waiting, while the workflow runs', 'The workflow', []],
  ['waiting, with everything kept up', 'until Ctrl-C', ['--keep']],
  ['ending', 'The links end', []],
])(
  'E20 Ctrl-C while %s: nothing is left running',
  async (_phase, text, flags) => {
    await using demo = await startDemo(onTerminal([pnpm, 'demo', ...flags]));
    await demo.shows(text);
    demo.ctrlC();
    expect(await demo.ended).toBe(130);
    await demo.nothingLeft(0);
  },
  LONG_MS,
);

test.each([
  ['SIGKILL', 'npx', npx],
  ['SIGTERM', 'npx', npx],
  ['SIGKILL', 'pnpm', [pnpm]],
] as const)(
  'E20 %s of only the outermost process (%s): everything ends within 10 s',
  async (signal, _name, command) => {
    await using demo = await startDemo([...command, 'demo', '--keep']);
    await demo.shows('until Ctrl-C');
    process.kill(demo.pid, signal);
    await demo.ended;
    await demo.nothingLeft(10_000);
  },
  LONG_MS,
);
