import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { AgentSchema } from '@token-handshake/proto/agent';
import { newAgentId } from '../ids.ts';
import { SecretBox } from '../storage/secret-box.ts';
import { openSqliteStorage } from '../storage/sqlite-storage.ts';
import type { Storage } from '../storage/storage.ts';
import { loadAgents } from './load-agents.ts';

const summarizer = `apiVersion: agentic.stigmer.ai/v1
kind: Agent
metadata: { name: Short Summary, ownerScope: platform }
spec:
  instructions: Summarize what you are given.
  runtime: { summarizer: { maxSentences: 3 } }
`;

describe('agents of the operator’s folder', () => {
  let folder: string;
  let storage: Storage;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stigmer-agents-'));
    await mkdir(join(folder, 'agents', 'more'), { recursive: true });
    storage = await openSqliteStorage({ file: join(folder, 'db'), box: new SecretBox([randomBytes(32)]) });
  });
  afterEach(async () => {
    await storage.close();
    await rm(folder, { recursive: true });
  });

  const write = (name: string, text: string) => writeFile(join(folder, 'agents', name), text);
  const load = () =>
    loadAgents({
      dir: join(folder, 'agents'),
      transaction: (work) => storage.transaction(work),
      newId: newAgentId,
      now: Date.now(),
    });
  const find = (slug: string) => storage.agents.findByReference({ scope: 'platform', org: '', slug });

  test('are found under a slug made of their name, with the folder of their file', async () => {
    await write('more/summarizer.yaml', summarizer);
    expect(await load()).toEqual({ total: 1, removed: [], taken: [] });
    const stored = await find('short-summary');
    expect(stored).toMatchObject({ source: 'file', folder: join(folder, 'agents', 'more') });
    expect(stored?.agent.metadata?.id).toMatch(/^agt_[0-9a-z]{26}$/);
    expect(stored?.agent.spec?.runtime?.kind).toMatchObject({
      case: 'summarizer',
      value: { maxSentences: 3 },
    });
  });

  test('keep their id when the folder is read again, change with it, and go with it', async () => {
    await write('one.yaml', summarizer);
    await write(
      'two.json',
      JSON.stringify({ metadata: { slug: 'two' }, spec: { instructions: 'Answer briefly.' } }),
    );
    await load();
    const id = (await find('short-summary'))?.agent.metadata?.id;
    await write('one.yaml', summarizer.replace('maxSentences: 3', 'maxSentences: 7'));
    await rm(join(folder, 'agents', 'two.json'));
    expect(await load()).toEqual({ total: 1, removed: ['two'], taken: [] });
    const stored = await find('short-summary');
    expect(stored?.agent.metadata?.id).toBe(id);
    expect(stored?.agent.spec?.runtime?.kind.value).toMatchObject({ maxSentences: 7 });
    expect(await find('two')).toBeUndefined();
  });

  test('take the place of an agent that a client had defined', async () => {
    const agent = create(AgentSchema, { metadata: { id: 'agt_1', slug: 'short-summary', ownerScope: 1 } });
    await storage.agents.put({ agent, source: 'api' });
    await write('one.yaml', summarizer);
    expect(await load()).toEqual({ total: 1, removed: [], taken: ['short-summary'] });
    expect(await storage.agents.find('agt_1')).toMatchObject({ source: 'file' });
  });

  test.each([
    ['a field that does not exist', `${summarizer}  colour: red\n`, /one\.yaml:1: .*colour/s],
    ['YAML that cannot be read', 'metadata: [1,\n', /one\.yaml:\d+: /],
    [
      'instructions that are too short',
      summarizer.replace('Summarize what you are given.', 'x'),
      /one\.yaml:1: .*instructions/s,
    ],
    ['a runtime of an unknown kind', summarizer.replace('summarizer:', 'magic:'), /one\.yaml:1: .*magic/s],
    ['no name', summarizer.replace('name: Short Summary, ', ''), /one\.yaml:1: metadata\.slug/],
    [
      'two of one name',
      `${summarizer}---\n${summarizer}`,
      /one\.yaml:\d+: .*defined already at .*one\.yaml:1/,
    ],
  ])('with %s are refused with file and line, and change nothing', async (_, text, words) => {
    await write('good.yaml', summarizer.replace('Short Summary', 'good'));
    await load();
    await write('one.yaml', text);
    await expect(load()).rejects.toThrow(words);
    expect(await find('good')).toBeDefined();
    expect(await find('short-summary')).toBeUndefined();
  });

  test('in a folder that does not exist are an error that names it', async () => {
    const missing = join(folder, 'missing');
    const loading = loadAgents({
      dir: missing,
      transaction: (work) => storage.transaction(work),
      newId: newAgentId,
      now: 1,
    });
    await expect(loading).rejects.toThrow(missing);
  });
});
