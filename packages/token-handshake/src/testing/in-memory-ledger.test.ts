import { describe, test } from '@jest/globals';
import { InMemoryLedger } from './in-memory-ledger.ts';
import { ledgerSuite } from './ledger.suite.ts';

describe('InMemoryLedger', () => {
  for (const { name, run } of ledgerSuite) test(name, () => run(new InMemoryLedger()));
});
