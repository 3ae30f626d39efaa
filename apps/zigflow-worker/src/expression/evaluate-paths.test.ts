import { afterAll, describe, expect, test } from '@jest/globals';
import type { JsonValue } from '@token-handshake/core';
import fc from 'fast-check';
import type { Scope } from './engine.ts';
import { evaluatePaths } from './evaluate-paths.ts';
import { createJqEngine } from './jq-engine.ts';

const engine = createJqEngine();
afterAll(() => engine.close());

const scope: Scope = {
  current: { n: 3, if: 'a keyword' },
  variables: { input: { text: 'hi', deep: { er: [1, null] }, none: null }, context: null },
};

describe('paths', () => {
  test.each<[template: JsonValue, value: JsonValue]>([
    ['${ . }', scope.current],
    ['${ .n }', 3],
    ['${.if}', 'a keyword'],
    ['${ $input.text }', 'hi'],
    ['${ $input.deep.er }', [1, null]],
    ['${ $input.none.of.this }', null],
    ['${ $input.missing }', null],
    ['${ $input.toString }', null],
    ['${ $context.a }', null],
    ['${ $data }', null],
    [
      { a: ['${ .n }', 'text', 1], b: { c: '${ $input.text }' } },
      { a: [3, 'text', 1], b: { c: 'hi' } },
    ],
  ])('%j gives %j', (template, value) => {
    expect(evaluatePaths(template, scope)).toEqual({ value });
  });

  test.each([
    '${ }',
    '${ $input.text | length }',
    '${ .n + 1 }',
    '${ $input.deep.er[0] }',
    '${ $inputs.text }',
    '${ $input.text.length }',
    '${ $input["text"] }',
    '${ ..n }',
    '${ .n. }',
    '${ $other }',
    '${ "text" }',
  ])('%s is left to jq', (template) => {
    expect(evaluatePaths({ fine: '${ .n }', template }, scope)).toBeUndefined();
  });

  test('half a surrogate pair and what is very large are left to jq', () => {
    expect(evaluatePaths('${ . }', { current: 'a\ud800', variables: {} })).toBeUndefined();
    expect(evaluatePaths('${ . }', { current: 'x'.repeat(600_001), variables: {} })).toBeUndefined();
    const many = Array.from({ length: 100 }, () => '${ . }');
    expect(evaluatePaths(many, { current: 'x'.repeat(7_000), variables: {} })).toBeUndefined();
    expect(evaluatePaths(many, { current: 'x'.repeat(5_000), variables: {} })).toBeDefined();
    expect(evaluatePaths('${ . }', { current: '😀', variables: {} })).toEqual({ value: '😀' });
  });

  test('what is given is a copy', () => {
    const current = { list: [1] };
    const found = evaluatePaths('${ . }', { current, variables: {} });
    expect(found?.value).toEqual(current);
    expect(found?.value).not.toBe(current);
  });
});

const key = fc.constantFrom('a', 'b', '_c', 'D4', '__proto__', 'constructor');
const { json } = fc.letrec<{ json: JsonValue }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom<JsonValue>(
      null,
      true,
      false,
      '',
      'text',
      'hä😀',
      0,
      -1.5,
      2 ** 53 + 2,
      1e21,
      1e-9,
      5e-324,
    ),
    fc.string({ unit: 'binary' }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.array(tie('json'), { maxLength: 3 }),
    fc.dictionary(key, tie('json'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));
const pathSource = fc
  .tuple(
    fc.constantFrom('', '$input', '$data', '$context', '$output', '$env', '$other'),
    fc.array(key, { maxLength: 4 }),
  )
  .map(([variable, names]) => `${variable}${names.map((name) => `.${name}`).join('')}` || '.');

test('what is found is what jq finds', async () => {
  let hits = 0;
  await fc.assert(
    fc.asyncProperty(pathSource, json, json, async (source, current, input) => {
      const given: Scope = { current, variables: { input, data: { a: input }, context: current } };
      const found = evaluatePaths(`\${ ${source} }`, given);
      if (found === undefined) return;
      if (found.value !== null) hits += 1;
      expect(await engine.evaluate(source, given)).toEqual({ value: found.value });
    }),
    { numRuns: 1_500 },
  );
  expect(hits).toBeGreaterThan(150);
}, 60_000);
