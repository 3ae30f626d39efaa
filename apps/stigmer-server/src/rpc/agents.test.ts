import { Code, ConnectError } from '@connectrpc/connect';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ApiResourceOwnerScope } from '@token-handshake/proto/apiresource';
import { startTestStigmer, type TestStigmer } from '../testing/test-stigmer.suite.ts';

const instructions = 'Answer in one word.';
let stigmer: TestStigmer;

beforeAll(async () => {
  stigmer = await startTestStigmer({ agents: { folder: { summarizer: {} } } });
});
afterAll(async () => stigmer?.[Symbol.asyncDispose]());

const errorOf = async (answer: Promise<unknown>) => {
  const error = ConnectError.from(
    await answer.then(
      () => undefined,
      (reason: unknown) => reason,
    ),
  );
  return { code: Code[error.code], name: error.metadata.get('error-code') };
};

describe('agents', () => {
  test('are created once, applied again and again under one id, and deleted', async () => {
    const { agentCommands, agents } = stigmer;
    const metadata = { name: 'My First Agent', org: 'acme', ownerScope: ApiResourceOwnerScope.organization };
    const created = await agentCommands.create({ metadata, spec: { instructions } });
    expect(created.metadata).toMatchObject({
      slug: 'my-first-agent',
      id: expect.stringMatching(/^agt_[0-9a-z]{26}$/),
    });
    expect(created).toMatchObject({ apiVersion: 'agentic.stigmer.ai/v1', kind: 'Agent' });
    const again = agentCommands.create({ metadata, spec: { instructions } });
    expect(await errorOf(again)).toEqual({ code: 'AlreadyExists', name: 'AGENT_EXISTS' });

    const applied = await agentCommands.apply({
      metadata: { slug: 'my-first-agent', org: 'acme', ownerScope: ApiResourceOwnerScope.organization },
      spec: { instructions, description: 'changed' },
    });
    expect(applied.metadata?.id).toBe(created.metadata?.id);
    expect(applied.status?.audit?.specAudit).toMatchObject({
      event: 'updated',
      createdAt: created.status?.audit?.specAudit?.createdAt,
    });
    const value = applied.metadata?.id ?? '';
    expect((await agents.get({ value })).spec?.description).toBe('changed');
    await agentCommands.delete({ value });
    expect(await errorOf(agents.get({ value }))).toEqual({ code: 'NotFound', name: 'AGENT_NOT_FOUND' });
    expect(await errorOf(agentCommands.delete({ value }))).toMatchObject({ code: 'NotFound' });
  });

  test('are updated only when they exist, and cannot take the name of another', async () => {
    const { agentCommands } = stigmer;
    const unknown = agentCommands.update({ metadata: { slug: 'nobody' }, spec: { instructions } });
    expect(await errorOf(unknown)).toEqual({ code: 'NotFound', name: 'AGENT_NOT_FOUND' });
    const one = await agentCommands.create({ metadata: { slug: 'one' }, spec: { instructions } });
    await agentCommands.create({ metadata: { slug: 'two' }, spec: { instructions } });
    const taken = agentCommands.update({
      metadata: { id: one.metadata?.id ?? '', slug: 'two' },
      spec: { instructions },
    });
    expect(await errorOf(taken)).toEqual({ code: 'AlreadyExists', name: 'AGENT_EXISTS' });
  });

  test('of the platform are found whatever organization is named', async () => {
    const { agents } = stigmer;
    const scope = ApiResourceOwnerScope.platform;
    const byPlatform = await agents.getByReference({ scope, slug: 'folder', kind: 40 });
    const byOrg = await agents.getByReference({ scope, org: 'acme', slug: 'folder', kind: 40 });
    const withoutScope = await agents.getByReference({ org: 'acme', slug: 'folder', kind: 40 });
    expect([byOrg.metadata?.id, withoutScope.metadata?.id]).toEqual([
      byPlatform.metadata?.id,
      byPlatform.metadata?.id,
    ]);
    const ofAnOrg = agents.getByReference({
      scope: ApiResourceOwnerScope.organization,
      org: 'acme',
      slug: 'folder',
    });
    expect(await errorOf(ofAnOrg)).toMatchObject({ name: 'AGENT_NOT_FOUND' });
  });

  test('that run a program are refused from clients', async () => {
    const runtime = { kind: { case: 'command' as const, value: { argv: ['id'] } } };
    const applied = stigmer.agentCommands.apply({
      metadata: { slug: 'evil' },
      spec: { instructions, runtime },
    });
    expect(await errorOf(applied)).toEqual({ code: 'PermissionDenied', name: 'COMMAND_AGENT_REFUSED' });
  });

  test('of the operator’s folder are not changed by clients', async () => {
    const { agentCommands } = stigmer;
    const id = await stigmer.agentId('folder');
    const scope = { slug: 'folder', ownerScope: ApiResourceOwnerScope.platform };
    const refused = { code: 'FailedPrecondition', name: 'AGENT_OF_FOLDER' };
    expect(await errorOf(agentCommands.apply({ metadata: scope, spec: { instructions } }))).toEqual(refused);
    expect(await errorOf(agentCommands.delete({ value: id }))).toEqual(refused);
  });

  test('are listed page by page', async () => {
    const { agentCommands, agents } = stigmer;
    for (const slug of ['list-a', 'list-b', 'list-c']) {
      await agentCommands.apply({ metadata: { slug }, spec: { instructions } });
    }
    const seen: string[] = [];
    let pageToken = '';
    let pages = 0;
    do {
      const page = await agents.list({ pageSize: 2, pageToken });
      seen.push(...page.entries.map((entry) => entry.metadata?.slug ?? ''));
      expect(page.totalPages).toBeGreaterThanOrEqual(2);
      pageToken = page.nextPageToken;
      pages += 1;
    } while (pageToken !== '');
    expect(pages).toBe((await agents.list({ pageSize: 2 })).totalPages);
    expect(seen).toEqual(expect.arrayContaining(['folder', 'list-a', 'list-b', 'list-c']));
    expect(new Set(seen).size).toBe(seen.length);
    expect(await errorOf(agents.list({ pageToken: 'made-up' }))).toMatchObject({
      name: 'PAGE_TOKEN_INVALID',
    });
  });

  test('with a definition that breaks a rule are refused before anything is stored', async () => {
    const applied = stigmer.agentCommands.apply({ metadata: { slug: 'short' }, spec: { instructions: 'x' } });
    expect(await errorOf(applied)).toMatchObject({ code: 'InvalidArgument' });
    const nameless = stigmer.agentCommands.apply({ metadata: {}, spec: { instructions } });
    expect(await errorOf(nameless)).toEqual({ code: 'InvalidArgument', name: 'AGENT_INVALID' });
  });
});
