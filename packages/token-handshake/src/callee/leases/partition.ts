import type { ExecutionId } from '../../ids.ts';

/** Into how many parts the rows of a ledger are split among servers. Stored with each row, so it never changes. */
export const PARTITIONS = 16;

/** 32-bit FNV-1a: small, and the same wherever it is computed. */
const OFFSET_BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

/** The part that an execution belongs to, from 0 up to {@link PARTITIONS}. */
export function partitionOf(executionId: ExecutionId): number {
  let hash = OFFSET_BASIS;
  for (const byte of new TextEncoder().encode(executionId)) hash = Math.imul(hash ^ byte, PRIME);
  return (hash >>> 0) % PARTITIONS;
}
