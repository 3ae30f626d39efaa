export { callerActivityInfo } from './caller-activity.ts';
export { FixedClock } from './fixed-clock.ts';
export { InMemoryLedger } from './in-memory-ledger.ts';
export type { LedgerCase } from './ledger/ledger-case.ts';
export { ledgerSuite } from './ledger.suite.ts';
export { type ScriptedAck, type ScriptedAnswer, ScriptedCallee } from './scripted-callee.ts';
export { ScriptedTarget, type ScriptedTargetOptions } from './scripted-target.ts';
