import { admissionCases } from './ledger/admission-cases.ts';
import { leaseCases } from './ledger/lease-cases.ts';
import type { LedgerCase } from './ledger/ledger-case.ts';
import { loopCases } from './ledger/loop-cases.ts';
import { withOwnArrays } from './ledger/own-arrays.ts';
import { sendingCases } from './ledger/sending-cases.ts';
import { waitCases } from './ledger/wait-cases.ts';

/**
 * What every ledger does, whatever it is stored in. Run each case on an empty ledger:
 *
 * @example
 * ```ts
 * for (const { name, run } of ledgerSuite) test(name, async () => run(await openEmptyLedger()));
 * ```
 */
export const ledgerSuite: readonly LedgerCase[] = [
  ...admissionCases,
  ...sendingCases,
  ...loopCases,
  ...leaseCases,
  ...waitCases,
].map(({ name, run }) => ({ name, run: (ledger) => run(withOwnArrays(ledger)) }));
