export * from './completion-target.ts';
export * from './final-store.ts';
export * from './ledger.ts';
