export { answerByToken } from '../../../shapes/naive/callee-workflow.ts';
export { answerBySignal } from '../../../shapes/signal/callee-workflow.ts';
export { answer } from './answer.ts';
