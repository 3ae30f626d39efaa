import type { Kysely } from 'kysely';
import type { ExecutionId, TokenDigest } from '../../ids.ts';
import { planAdmission } from '../admission.ts';
import type { Admission, AdmitRequest } from '../ledger.ts';
import * as calls from './calls.ts';
import { rowOfBinding, rowOfCall } from './rows.ts';
import type { LedgerDatabase } from './schema.ts';

type Db = Kysely<LedgerDatabase>;

/** Reads what is known, lets the plan decide, writes. Runs inside one transaction. */
export async function admit(db: Db, request: AdmitRequest): Promise<Admission> {
  const { callId, principal, caller } = request;
  const call = callId === undefined ? undefined : await calls.findByCallId(db, principal, callId);
  const known = call && { call, newest: await calls.newestBinding(db, call.executionId) };
  const owner = caller && (await ownerOf(db, caller.binding.tokenDigest));
  const plan = planAdmission(request, known, owner);
  if (plan.call) {
    const hbt = plan.binding?.heartbeatTimeoutMs;
    const row = { ...rowOfCall(plan.call), ...(hbt !== undefined && { hbt }) };
    const { execution_id, ...changes } = row;
    if (known) await db.updateTable('calls').set(changes).where('execution_id', '=', execution_id).execute();
    else await db.insertInto('calls').values(row).execute();
  }
  if (plan.binding) await db.insertInto('bindings').values(rowOfBinding(plan.binding)).execute();
  return plan.admission;
}

async function ownerOf(db: Db, digest: TokenDigest): Promise<ExecutionId | undefined> {
  const row = await db
    .selectFrom('bindings')
    .select('execution_id')
    .where('token_digest', '=', digest)
    .executeTakeFirst();
  return row && (row.execution_id as ExecutionId);
}
