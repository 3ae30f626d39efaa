export { InMemoryLedger } from './in-memory-ledger.ts';
export { type LedgerCase, ledgerSuite } from './ledger.suite.ts';
