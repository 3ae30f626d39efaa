import { type AgentDefinition, agent, script } from '@token-handshake/test-kit';

/** The agent that obeys the scenarios, for the embedded runner: a program. */
export function embeddedAgent(slug: string): AgentDefinition {
  const { command } = script(`
    const { createHash } = await import('node:crypto');
    const [verb, ...words] = message.split(' ');
    const rest = words.join(' ');
    const note = (step) => appendFileSync(rest, step + ' ' + process.pid + '\\n');
    const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    switch (verb) {
      case 'answer':
        process.stdout.write(rest);
        break;
      case 'large':
        process.stdout.write('x'.repeat(Number(rest)));
        break;
      case 'raise':
        console.error(JSON.stringify({ error: { type: words[0], message: words.slice(1).join(' '), details: [{ left: 0 }] } }));
        process.exitCode = 1;
        break;
      case 'fail':
        console.error(rest);
        process.exitCode = 1;
        break;
      case 'quiet':
        await pause(Number(rest) * 1000);
        process.stdout.write('awake');
        break;
      case 'steps':
        note(1);
        console.error('one');
        note(2);
        while (!existsSync(rest + '.go')) await pause(20);
        note(3);
        process.stdout.write('three');
        break;
      case 'mark':
        if (process.env.STIGMER_RESUMED_FROM === undefined) {
          // Neither what no variable can hold nor last words get into the way.
          process.on('SIGTERM', () => {
            console.error('stopping');
            process.exit(1);
          });
          console.error('half\\0');
          while (!existsSync(rest + '.go')) await pause(20);
        }
        process.stdout.write(String(process.env.STIGMER_RESUMED_FROM));
        break;
      case 'digest':
        process.stdout.write(createHash('sha256').update(process.env[rest]).digest('hex'));
        break;
      default:
        console.error('unknown verb ' + verb);
        process.exitCode = 1;
    }
  `);
  return agent({ slug, runtime: { command: { ...command, envAllow: ['CONFORMANCE_SECRET'] } } });
}
