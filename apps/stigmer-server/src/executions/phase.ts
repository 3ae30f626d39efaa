import { ExecutionPhase, ExecutionPhaseSchema } from '@token-handshake/proto/agentexecution';

/** Whether a phase is an end. */
export function isFinalPhase(phase: ExecutionPhase): boolean {
  switch (phase) {
    case ExecutionPhase.EXECUTION_COMPLETED:
    case ExecutionPhase.EXECUTION_FAILED:
    case ExecutionPhase.EXECUTION_CANCELLED:
      return true;
    default:
      return false;
  }
}

/** A phase by its name, for logs and metrics. */
export function phaseName(phase: ExecutionPhase = ExecutionPhase.EXECUTION_PHASE_UNSPECIFIED): string {
  return ExecutionPhaseSchema.value[phase]?.name ?? String(phase);
}
