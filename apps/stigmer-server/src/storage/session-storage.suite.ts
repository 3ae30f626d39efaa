import { create } from '@bufbuild/protobuf';
import { expect, test } from '@jest/globals';
import { executionId } from '@token-handshake/core';
import { SessionSchema } from '@token-handshake/proto/session';
import type { Storage } from './storage.ts';
import { execution } from './stored-examples.suite.ts';

/** What every storage must do with sessions. */
export function sessionStorageSuite(storage: () => Storage): void {
  test('sessions are kept, listed by who began them, by agent and by tags, and removed', async () => {
    const put = (id: string, principal: string, agentId: string, tags: string[] = []) =>
      storage().sessions.put(
        { session: create(SessionSchema, { metadata: { id, tags } }), principal, agentId },
        1_000,
      );
    await put('ses_1', 'ann', 'agt_1', ['x', 'y']);
    await put('ses_2', 'bob', 'agt_1');
    await put('ses_3', 'ann', 'agt_2', ['x']);
    const ids = async (filter: Parameters<Storage['sessions']['list']>[0]) =>
      (await storage().sessions.list(filter, { size: 10 })).entries.map(
        ({ session }) => session.metadata?.id,
      );
    expect(await ids({})).toEqual(['ses_3', 'ses_2', 'ses_1']);
    expect(await ids({ principal: 'ann' })).toEqual(['ses_3', 'ses_1']);
    expect(await ids({ agentId: 'agt_1' })).toEqual(['ses_2', 'ses_1']);
    expect(await ids({ tags: ['x', 'y'] })).toEqual(['ses_1']);
    await put('ses_1', 'somebody else', 'agt_9', ['z']);
    expect(await storage().sessions.find('ses_1')).toMatchObject({ principal: 'ann', agentId: 'agt_1' });
    expect(await ids({ tags: ['x'] })).toEqual(['ses_3']);
    expect(await storage().sessions.remove('ses_1', 2_000)).toBe(true);
    expect(await storage().sessions.remove('ses_1', 2_000)).toBe(false);
    expect(await storage().sessions.wasRemoved('ses_1')).toBe(true);
    expect(await storage().sessions.wasRemoved('ses_2')).toBe(false);
    expect(await ids({})).toEqual(['ses_3', 'ses_2']);
    expect(await storage().sessions.find('ses_1')).toBeUndefined();
  });

  test('a session is forgotten with its last execution, if it was made for one or was removed', async () => {
    const put = (id: string, implicit: boolean) =>
      storage().sessions.put(
        {
          session: create(SessionSchema, { metadata: { id } }),
          principal: 'ann',
          agentId: 'agt_1',
          implicit,
        },
        1_000,
      );
    await put('ses_used', true);
    await put('ses_made', true);
    await put('ses_begun', false);
    await put('ses_removed', false);
    await put('ses_described', true);
    await put('ses_described', false);
    await storage().sessions.remove('ses_removed', 2_000);
    const used = execution({ id: 'aex_used', sessionId: 'ses_used' });
    await storage().executions.insert({ execution: used, now: 1_000 });
    for (const id of ['ses_used', 'ses_made', 'ses_begun', 'ses_removed', 'ses_described'])
      await storage().sessions.forget(id);
    const left = await storage().sessions.list({}, { size: 10 });
    expect(left.entries.map(({ session }) => session.metadata?.id)).toEqual([
      'ses_used',
      'ses_described',
      'ses_begun',
    ]);
    expect(await storage().sessions.wasRemoved('ses_removed')).toBe(false);
    expect(await storage().executions.remove(executionId('aex_used'))).toBe('ses_used');
    await storage().sessions.forget('ses_used');
    expect(await storage().sessions.find('ses_used')).toBeUndefined();
  });
}
