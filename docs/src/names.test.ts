import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import * as stigmer from '@token-handshake/stigmer-server/reference';
import * as zigflow from '@token-handshake/zigflow-worker/reference';
import { PAGES } from './pages.ts';

const folder = new URL('../', import.meta.url);
const written = readdirSync(folder).filter((name) => name.endsWith('.md') && !(name in PAGES));
const textOf = (page: string) => readFileSync(new URL(page, folder), 'utf8');

test.each(written)('every metric that %s names is one of the services’', (page) => {
  const metrics = new Set([...Object.keys(stigmer.metricsTable), ...Object.keys(zigflow.metricsTable)]);
  const named = textOf(page).match(/\b(?:stigmer|zigflow)_[a-z_]+\b/g) ?? [];
  const known = (name: string) => metrics.has(name) || metrics.has(name.replace(/_(?:bucket|count|sum)$/, ''));
  expect(named.filter((name) => !known(name))).toEqual([]);
});

test.each(written)('every code and setting that %s names in capitals is on a reference page', (page) => {
  const reference = Object.values(PAGES)
    .map((render) => render())
    .join('\n');
  const named = textOf(page).match(/`[A-Z]{2,}(?:_[A-Z0-9]+)+`/g) ?? [];
  const words = named.map((name) => name.slice(1, -1));
  expect(words.filter((word) => !RPC_CODES.has(word) && !reference.includes(word))).toEqual([]);
});

/** Names of gRPC's and of the contract's own that no page of the reference lists. */
const RPC_CODES = new Set(['NOT_FOUND', 'RESOURCE_EXHAUSTED', 'INVALID_ARGUMENT', 'PERMISSION_DENIED']);
