import type { Agent } from '@token-handshake/proto/agent';
import { type CommandLimits, commandRuntime } from './run-command.ts';
import { summarizerRuntime } from './run-summarizer.ts';
import type { Runtime } from './runtime.ts';

/** How an agent is executed here; `undefined` when its definition names no runtime, or a runner elsewhere. */
export function runtimeOf(agent: Agent, limits: CommandLimits): Runtime | undefined {
  const kind = agent.spec?.runtime?.kind;
  switch (kind?.case) {
    case 'command':
      return commandRuntime(kind.value, limits);
    case 'summarizer':
      return summarizerRuntime(kind.value);
    case 'runner':
    case 'model':
    case undefined:
      return undefined;
  }
}
