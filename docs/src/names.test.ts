import { readdirSync, readFileSync } from 'node:fs';
import { Code } from '@connectrpc/connect';
import { expect, test } from '@jest/globals';
import * as stigmer from '@token-handshake/stigmer-server/reference';
import * as zigflow from '@token-handshake/zigflow-worker/reference';
import { PAGES } from './pages.ts';

const folder = new URL('../', import.meta.url);
const contract = new URL('../proto/tokenhandshake/v1/', folder);
const written = readdirSync(folder).filter((name) => name.endsWith('.md') && !(name in PAGES));
const textOf = (page: string) => readFileSync(new URL(page, folder), 'utf8');

test.each(written)('every metric that %s names is one of the services’', (page) => {
  const metrics = new Set([...Object.keys(stigmer.metricsTable), ...Object.keys(zigflow.metricsTable)]);
  const named = textOf(page).match(/\b(?:stigmer|zigflow)_[a-z_]+\b/g) ?? [];
  const known = (name: string) =>
    metrics.has(name) || metrics.has(name.replace(/_(?:bucket|count|sum)$/, ''));
  expect(named.filter((name) => !known(name))).toEqual([]);
});

test.each(written)('every code and setting that %s names in capitals is one of the product’s', (page) => {
  const named = textOf(page).match(/`[A-Z]{2,}(?:_[A-Z0-9]+)+`/g) ?? [];
  const words = named.map((name) => name.slice(1, -1));
  expect(words.filter((word) => !rpcCodes.has(word) && !reference.includes(word))).toEqual([]);
});

/** gRPC's own codes, as they are written in words. */
const rpcCodes = new Set(
  Object.values(Code)
    .filter((name) => typeof name === 'string')
    .map((name) => name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase()),
);

const repository = new URL('../', folder);

/** The pages that are made from the code, the contracts, the runner's settings, and an example's own variable. */
const reference = [
  ...Object.values(PAGES).map((render) => render()),
  ...readdirSync(contract).map((name) => readFileSync(new URL(name, contract), 'utf8')),
  ...[
    'proto/ai/stigmer/agentic/agent/v1/runtime.proto',
    'proto/ai/stigmer/agentic/agentexecution/v1/enum.proto',
    'apps/agent-runner/README.md',
  ].map((name) => readFileSync(new URL(name, repository), 'utf8')),
  'ZIGGY_REGION',
].join('\n');
