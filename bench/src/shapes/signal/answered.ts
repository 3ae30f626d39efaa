import { defineSignal } from '@temporalio/workflow';

/** Brings the caller its answer. */
export const answered = defineSignal<[answer: string]>('answered');
