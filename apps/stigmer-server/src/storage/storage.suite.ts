import { create } from '@bufbuild/protobuf';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type CallId, type ExecutionId, executionId } from '@token-handshake/core';
import {
  type AgentExecution,
  AgentExecutionSchema,
  ExecutionPhase,
} from '@token-handshake/proto/agentexecution';
import { sessionStorageSuite } from './session-storage.suite.ts';
import type { Storage } from './storage.ts';
import { agent, end, execution } from './stored-examples.suite.ts';

/** A storage for one test, and how to open the same one again. */
export interface StorageFixture {
  readonly storage: Storage;
  /** Closes it and opens what it had written. */
  reopen(): Promise<Storage>;
  dispose(): Promise<void>;
}

/** What every storage must do. */
export function storageSuite(name: string, open: () => Promise<StorageFixture>): void {
  describe(name, () => {
    let fixture: StorageFixture;
    let storage: Storage;
    beforeEach(async () => {
      fixture = await open();
      storage = fixture.storage;
    });
    afterEach(() => fixture.dispose());

    const insert = (given: Partial<Parameters<typeof execution>[0]> & { id: string }) =>
      storage.executions.insert({ execution: execution(given), now: 1_000 });

    test('an execution survives a restart as it was', async () => {
      await insert({ id: 'aex_1', tags: ['a'] });
      storage = await fixture.reopen();
      const stored = await storage.executions.find(executionId('aex_1'));
      expect(stored?.execution.spec?.message).toBe('hello');
      expect(stored).toMatchObject({ createdAt: 1_000, updatedAt: 1_000 });
      expect(stored?.finalAt).toBeUndefined();
      expect(await storage.executions.find(executionId('aex_2'))).toBeUndefined();
    });

    test('secret values are given to runners only, and tokens to nobody', async () => {
      await insert({ id: 'aex_1', callbackToken: new Uint8Array([1, 2, 3]) });
      const stored = await storage.executions.find(executionId('aex_1'));
      expect(stored?.execution.spec?.runtimeEnv['KEY']).toMatchObject({ isSecret: true, value: '' });
      expect(stored?.execution.spec?.runtimeEnv['REGION']).toMatchObject({ value: 'eu' });
      expect(stored?.execution.spec?.callbackToken).toHaveLength(0);
      expect(await storage.executions.secrets(executionId('aex_1'))).toEqual({ KEY: 'top secret' });
      expect(await storage.executions.secrets(executionId('aex_2'))).toEqual({});
    });

    test('how far executions are is told of those that are there', async () => {
      for (const id of ['aex_1', 'aex_2']) await insert({ id });
      const [one, two, nobody] = ['aex_1', 'aex_2', 'aex_3'].map(executionId) as [
        ExecutionId,
        ExecutionId,
        ExecutionId,
      ];
      await storage.executions.storeFinal(two, (status) => end(status, 'done'), 2_000);
      const progress = await storage.executions.progressOf([one, two, nobody]);
      expect(progress.get(one)).toMatchObject({ hasFinal: false });
      expect(progress.get(two)).toEqual({ phase: ExecutionPhase.EXECUTION_COMPLETED, hasFinal: true });
      expect(progress.has(nobody)).toBe(false);
      expect(await storage.executions.progressOf([])).toEqual(new Map());
    });

    test('a final is written once', async () => {
      await insert({ id: 'aex_1' });
      const id = executionId('aex_1');
      const first = await storage.executions.storeFinal(id, (status) => end(status, 'one'), 2_000);
      const second = await storage.executions.storeFinal(id, (status) => end(status, 'two'), 3_000);
      expect(first).toMatchObject({ stored: true });
      expect(await storage.executions.hasFinal(id)).toBe(true);
      expect(second).toMatchObject({ stored: false });
      expect(second?.execution.execution.status?.output).toBe('one');
      expect(second?.execution.finalAt).toBe(2_000);
      const changed = await storage.executions.changeStatus(id, (status) => end(status, 'three'), 4_000);
      expect(changed?.execution.status?.output).toBe('one');
      expect(
        await storage.executions.storeFinal(executionId('aex_2'), (status) => status, 1),
      ).toBeUndefined();
    });

    test('of 20 finals at once one is stored', async () => {
      await insert({ id: 'aex_1' });
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          storage.executions.storeFinal(executionId('aex_1'), (status) => end(status, String(index)), 2_000),
        ),
      );
      expect(results.filter((result) => result?.stored)).toHaveLength(1);
      expect(new Set(results.map((result) => result?.execution.execution.status?.output)).size).toBe(1);
    });

    test('a transaction that fails leaves nothing', async () => {
      const failing = storage.transaction(async (stores) => {
        await stores.executions.insert({ execution: execution({ id: 'aex_1' }), now: 1_000 });
        await stores.agents.put(agent('agt_1', 'one'));
        throw new Error('stop');
      });
      await expect(failing).rejects.toThrow('stop');
      expect(await storage.executions.find(executionId('aex_1'))).toBeUndefined();
      expect(await storage.agents.find('agt_1')).toBeUndefined();
    });

    test('lists show the newest first, page by page', async () => {
      for (const number of [1, 2, 3, 4, 5]) await insert({ id: `aex_${number}` });
      const first = await storage.executions.list({}, { size: 2 });
      expect(first.entries.map(idOf)).toEqual(['aex_5', 'aex_4']);
      expect(first).toMatchObject({ totalPages: 3, next: 'aex_4' });
      const second = await storage.executions.list({}, { size: 2, after: 'aex_4' });
      expect(second.entries.map(idOf)).toEqual(['aex_3', 'aex_2']);
      const last = await storage.executions.list({}, { size: 2, after: 'aex_2' });
      expect(last.entries.map(idOf)).toEqual(['aex_1']);
      expect(last.next).toBeUndefined();
      expect(last.totalPages).toBe(3);
    });

    test('lists are filtered by phase, session and all of the tags, and hide what was deleted', async () => {
      await insert({ id: 'aex_1', sessionId: 'ses_a', tags: ['x', 'y'] });
      await insert({ id: 'aex_2', sessionId: 'ses_b', tags: ['x'] });
      await insert({ id: 'aex_3', sessionId: 'ses_a' });
      await storage.executions.storeFinal(executionId('aex_1'), (status) => end(status, 'done'), 2_000);
      const ids = async (filter: Parameters<Storage['executions']['list']>[0]) =>
        (await storage.executions.list(filter, { size: 10 })).entries.map(idOf);
      expect(await ids({ phase: ExecutionPhase.EXECUTION_COMPLETED })).toEqual(['aex_1']);
      expect(await ids({ sessionId: 'ses_a' })).toEqual(['aex_3', 'aex_1']);
      expect(await ids({ tags: ['x'] })).toEqual(['aex_2', 'aex_1']);
      expect(await ids({ tags: ['x', 'y'] })).toEqual(['aex_1']);
      await storage.executions.markDeleted(executionId('aex_3'), 5_000);
      expect(await ids({})).toEqual(['aex_2', 'aex_1']);
      await storage.executions.remove(executionId('aex_3'));
      expect(await storage.executions.find(executionId('aex_3'))).toBeUndefined();
    });

    test('of a session, the executions take turns in the order in which they were taken in', async () => {
      // The ids are not in that order: two creates may race.
      for (const id of ['aex_2', 'aex_1', 'aex_3']) await insert({ id, sessionId: 'ses_a' });
      await insert({ id: 'aex_0', sessionId: 'ses_b' });
      const [zero, one, two, three] = [0, 1, 2, 3].map((n) => executionId(`aex_${n}`)) as [
        ExecutionId,
        ExecutionId,
        ExecutionId,
        ExecutionId,
      ];
      const { executions } = storage;
      const waiting = async () => {
        const each = [zero, one, two, three].map(async (id) =>
          (await executions.waitsForTurn(id)) ? id : '',
        );
        return (await Promise.all(each)).filter((id) => id !== '');
      };
      expect(await waiting()).toEqual(['aex_1', 'aex_3']);
      await executions.storeFinal(two, (status) => end(status, 'done'), 2_000);
      expect(await executions.nextInSession(two)).toBe('aex_1');
      await executions.markDeleted(one, 2_500);
      expect(await executions.waitsForTurn(three)).toBe(true);
      await executions.storeFinal(one, (status) => end(status, 'done'), 3_000);
      expect(await executions.waitsForTurn(three)).toBe(false);
      expect(await executions.nextInSession(one)).toBe('aex_3');
      await executions.storeFinal(three, (status) => end(status, 'done'), 4_000);
      expect(await executions.nextInSession(three)).toBeUndefined();
      const turns = await executions.turns('ses_a', { size: 1 });
      expect(turns).toMatchObject({ entries: [{ metadata: { id: 'aex_2' } }], next: 'aex_2' });
      const rest = await executions.turns('ses_a', { size: 9, after: 'aex_2' });
      expect(rest.entries.map(idOf)).toEqual(['aex_3']);
      expect(await executions.idsOfSession('ses_a')).toEqual([
        { id: 'aex_2', hasFinal: true, isDeleted: false },
        { id: 'aex_1', hasFinal: true, isDeleted: true },
        { id: 'aex_3', hasFinal: true, isDeleted: false },
      ]);
    });

    sessionStorageSuite(() => storage);

    test('what nobody waits for and has no end is due for the sweep, what was never looked at first', async () => {
      const none = executionId('aex_none');
      const ids = [1, 2, 3, 4, 5].map((number) => executionId(`aex_${number}`));
      const [open = none, ended = none, seen = none, unseen = none, later = none] = ids;
      for (const id of ids) {
        await insert({ id });
        await storage.ledger.admit({
          executionId: id,
          principal: 'test',
          bodySha256: '',
          onCallerGone: 'cancel',
          now: 1_000,
        });
        if (id === open) continue;
        await storage.ledger.recordVerdict(
          id,
          { generation: 0, at: 1, verdict: 'skipped' },
          { kind: 'close', state: 'skipped' },
        );
      }
      await storage.executions.storeFinal(ended, (status) => status, 6_000);
      await storage.ledger.scheduleSweeps([
        { executionId: seen, at: 5_000 },
        { executionId: later, at: 5_001 },
      ]);
      expect(await storage.closedWithoutEnd(5_000, 10)).toEqual([unseen, seen]);
      expect(await storage.closedWithoutEnd(5_001, 10)).toEqual([unseen, seen, later]);
      expect(await storage.closedWithoutEnd(5_001, 1)).toEqual([unseen]);
    });

    test('deleted executions are forgettable once they ended and nobody can come back for them', async () => {
      const admit = async (id: string, callId?: string) => {
        await insert({ id });
        await storage.ledger.admit({
          executionId: executionId(id),
          principal: 'test',
          bodySha256: '',
          onCallerGone: 'cancel',
          now: 1_000,
          ...(callId && { callId: callId as CallId }),
        });
      };
      const close = (id: string) =>
        storage.ledger.recordVerdict(
          executionId(id),
          { generation: 0, at: 1, verdict: 'skipped' },
          { kind: 'close', state: 'skipped' },
        );
      // 150 that must be kept are in front: of half the call is open, the other half has not ended.
      for (let number = 0; number < 150; number += 1) {
        const id = `aex_kept_${number}`;
        await admit(id);
        if (number % 2 === 0) await storage.executions.storeFinal(executionId(id), (status) => status, 2_000);
        else await close(id);
        await storage.executions.markDeleted(executionId(id), 3_000);
      }
      for (const [id, callId] of [['aex_free'], ['aex_keyed', 'order-66'], ['aex_shown']] as const) {
        await admit(id, callId);
        await close(id);
        await storage.executions.storeFinal(executionId(id), (status) => status, 5_000);
      }
      await storage.executions.markDeleted(executionId('aex_keyed'), 6_000);
      await storage.executions.markDeleted(executionId('aex_free'), 7_000);
      const forgettable = (before: number, limit = 100) => storage.forgettable({ before, limit });
      expect(await forgettable(5_000)).toEqual(['aex_free']);
      expect(new Set(await forgettable(5_001))).toEqual(new Set(['aex_keyed', 'aex_free']));
      expect(await forgettable(5_001, 1)).toHaveLength(1);
      // Kept for a time only: also what nobody deleted, but never what somebody may come back for.
      const old = (before: number, endedBefore: number) =>
        storage.forgettable({ before, endedBefore, limit: 100 });
      expect(await old(5_000, 5_000)).toEqual(['aex_free']);
      expect(new Set(await old(5_000, 5_001))).toEqual(new Set(['aex_free', 'aex_shown']));
      expect(new Set(await old(5_001, 5_001))).toEqual(new Set(['aex_free', 'aex_keyed', 'aex_shown']));
    });

    test('a large status is listed without its bodies, and got whole', async () => {
      await insert({ id: 'aex_1' });
      const output = 'x'.repeat(3_000_000);
      await storage.executions.storeFinal(executionId('aex_1'), (status) => end(status, output), 2_000);
      const [listed] = (await storage.executions.list({}, { size: 1 })).entries;
      expect(listed?.status).toMatchObject({ output: '', phase: ExecutionPhase.EXECUTION_COMPLETED });
      expect(listed?.status?.truncated?.bytes).toBeGreaterThan(3_000_000);
      const whole = await storage.executions.find(executionId('aex_1'));
      expect(whole?.execution.status?.output.length).toBe(3_000_000);
      expect(whole?.execution.status?.truncated).toBeUndefined();
    });

    test('a page of large entries ends early, and the next one goes on', async () => {
      for (const number of [1, 2, 3, 4, 5]) {
        await storage.executions.insert({
          execution: create(AgentExecutionSchema, {
            metadata: { id: `aex_${number}`, annotations: { large: 'x'.repeat(900_000) } },
          }),
          now: 1_000,
        });
      }
      const pages: string[][] = [];
      let after: string | undefined;
      do {
        const page = await storage.executions.list({}, { size: 1_000, ...(after && { after }) });
        pages.push(page.entries.map(idOf));
        after = page.next;
      } while (after !== undefined);
      expect(pages).toEqual([['aex_5', 'aex_4'], ['aex_3', 'aex_2'], ['aex_1']]);
    });

    test('a page of more entries than are read at once is whole', async () => {
      const numbers = Array.from({ length: 100 }, (_, index) => 200 - index);
      for (const number of numbers) await insert({ id: `aex_${number}` });
      const page = await storage.executions.list({}, { size: 100 });
      expect(page.entries.map(idOf)).toEqual(numbers.map((number) => `aex_${number}`));
      expect(page.next).toBeUndefined();
      expect((await storage.executions.list({}, { size: 64 })).next).toBe('aex_137');
    });

    test('an agent is found by id and by reference, and replaced under its id', async () => {
      await storage.agents.put(agent('agt_1', 'one'));
      await storage.agents.put({ ...agent('agt_2', 'two'), folder: '/agents', source: 'file' });
      const reference = { scope: 'platform', org: '', slug: 'one' } as const;
      expect((await storage.agents.findByReference(reference))?.agent.metadata?.id).toBe('agt_1');
      expect(await storage.agents.findByReference({ ...reference, scope: 'organization' })).toBeUndefined();
      expect(await storage.agents.find('agt_2')).toMatchObject({ source: 'file', folder: '/agents' });
      await storage.agents.put(agent('agt_1', 'renamed'));
      expect(await storage.agents.findByReference(reference)).toBeUndefined();
      const page = await storage.agents.list({ size: 1 });
      expect(page).toMatchObject({ totalPages: 2, next: 'agt_1' });
      expect((await storage.agents.listBySource('file')).map((each) => each.agent.metadata?.slug)).toEqual([
        'two',
      ]);
      expect(await storage.agents.remove('agt_1')).toBe(true);
      expect(await storage.agents.remove('agt_1')).toBe(false);
    });
  });
}

function idOf(each: AgentExecution): string {
  return each.metadata?.id ?? '';
}
