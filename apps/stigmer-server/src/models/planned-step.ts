import type { PlannedCall, PlannedStep, Speaker } from '../workflows/conversation-types.ts';
import type { TurnContent } from './conversation-store.ts';

type Said = Extract<TurnContent, { kind: 'model' }>;

/** What an answer asks for; refused calls are answered already. */
export function plannedStep(speaker: Speaker, said: Said): PlannedStep {
  const called = said.parts.some(({ type }) => type === 'tool-call');
  return { done: !called, calls: plannedCalls(speaker, said) };
}

/** The calls of an answer that are to be made. */
export function plannedCalls(
  { executionId }: Pick<Speaker, 'executionId' | 'conversation'>,
  said: Said,
): PlannedCall[] {
  return said.parts.flatMap((part) => {
    if (part.type !== 'tool-call' || said.refusals[part.toolCallId] !== undefined) return [];
    const id = part.toolCallId;
    const subAgent = said.tasks[id];
    return [
      subAgent === undefined ? { id } : { id, task: { subAgent, conversation: `${executionId}/${id}` } },
    ];
  });
}
