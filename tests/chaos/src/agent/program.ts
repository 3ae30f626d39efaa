import { readFileSync } from 'node:fs';
import type { CallMessage } from '../plan/call-plan.ts';
import { sha256 } from './answer-text.ts';
import { AGENT_FAILURE, behave } from './behave.ts';

// The agent as a program, which the embedded runner starts: the folder and the secret's digest are its arguments,
// the message comes on standard input.

const [folder = '', secretSha256 = ''] = process.argv.slice(2);
const message = JSON.parse(readFileSync(0, 'utf8')) as CallMessage;
if (message.agent.kind === 'ignores-cancel') process.on('SIGTERM', () => {});
const behaviour = await behave(message, {
  folder,
  runner: 'embedded',
  executionId: process.env['STIGMER_EXECUTION_ID'] ?? '',
  knowsSecret: sha256(process.env['CHAOS_SECRET'] ?? '') === secretSha256,
});
switch (behaviour.kind) {
  case 'answered':
    process.stdout.write(behaviour.text);
    break;
  case 'cancelled':
    break;
  case 'failed':
  case 'returned-failed': {
    // What a program says of its failure is type and message, whatever the phase is called elsewhere.
    const type = behaviour.kind === 'failed' ? AGENT_FAILURE : 'AgentExecutionFailed';
    process.stderr.write(`${JSON.stringify({ error: { type, message: behaviour.message } })}\n`);
    process.exitCode = 1;
  }
}
