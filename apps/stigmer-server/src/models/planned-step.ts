import type { PlannedCall, PlannedStep, StepRequest } from '../workflows/conversation-types.ts';
import type { ModelPart, TurnContent } from './conversation-store.ts';

type Said = Extract<TurnContent, { kind: 'model' }>;

type CallPart = Extract<ModelPart, { type: 'tool-call' }>;
type Asked = Pick<StepRequest, 'executionId' | 'step'>;

/** What an answer asks for; refused calls are answered already. */
export function plannedStep(request: Asked, said: Said): PlannedStep {
  const called = said.parts.some(({ type }) => type === 'tool-call');
  return { done: !called, calls: plannedCalls(request, said) };
}

/** The calls of an answer that are to be made. */
export function plannedCalls({ executionId, step }: Asked, said: Said): PlannedCall[] {
  return callsOf(said).flatMap((part, number) => {
    if (said.refusals[part.toolCallId] !== undefined) return [];
    const id = part.toolCallId;
    const subAgent = said.tasks[id];
    // By number: providers use ids again, and some are long.
    const conversation = `${executionId}/${step}/${number}`;
    return [subAgent === undefined ? { id } : { id, task: { subAgent, conversation } }];
  });
}

/** The calls that are among the parts of an answer. */
export function callsOf({ parts }: Said): readonly CallPart[] {
  return parts.filter((part) => part.type === 'tool-call');
}
