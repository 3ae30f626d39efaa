import { afterAll, describe, expect, test } from '@jest/globals';
import type { JsonValue } from '@token-handshake/core';
import { createJqEngine } from './jq-engine.ts';

const engine = createJqEngine({ timeoutMs: 2_000 });
afterAll(() => engine.close());

const scope = {
  current: { n: 3, list: [1, 2, 3], text: 'hä😀', nested: { deep: { x: null } } },
  variables: {
    input: { name: 'Ada', tags: ['a', 'b'] },
    data: { summarize: { status: { output: 'short' } } },
    context: null,
    output: [1],
    env: { REGION: 'eu' },
  },
};
const evaluate = (source: string) => engine.evaluate(source, scope);

describe('jq expressions', () => {
  test.each<[source: string, value: JsonValue]>([
    ['.n + 1', 4],
    ['.missing.deep', null],
    ['.missing // "default"', 'default'],
    ['.list[1:]', [2, 3]],
    ['.list | map(select(. > 1)) | add', 5],
    ['.text | length', 3],
    ['.text', 'hä😀'],
    ['-.n', -3],
    ['. as {n: $n} | $n', 3],
    ['try error("x") catch .', 'x'],
    ['"Hello \\($input.name), \\($env.REGION)"', 'Hello Ada, eu'],
    ['$data.summarize.status.output', 'short'],
    ['$context.anything', null],
    ['$context + { a: 1 }', { a: 1 }],
    ['$output[0]', 1],
    ['{name: $input.name, "odd key": .n}', { name: 'Ada', 'odd key': 3 }],
    ['def double: . * 2; .n | double', 6],
    ['empty', null],
    ['.n # a comment', 3],
    ['{"__proto__": 1} | keys', ['__proto__']],
    ['.list | @json', '[1,2,3]'],
    ['if .n > 2 then "big" else "small" end', 'big'],
    ['"2015-03-05T23:51:47Z" | fromdate | todate', '2015-03-05T23:51:47Z'],
    ['.text | test("^H"; "i")', true],
  ])('%s', async (source, value) => {
    expect(await evaluate(source)).toEqual({ value });
  });

  test.each<[source: string, kind: string, message: RegExp, place?: [number, number]]>([
    ['.a[', 'syntax', /^syntax error, unexpected end of file/, [1, 3]],
    ['.n |\n  $inptu', 'syntax', /^\$inptu is not defined$/, [2, 3]],
    ['nope(1)', 'syntax', /^nope\/1 is not defined$/, [1, 1]],
    ['.n) | (.n', 'syntax', /^syntax error/],
    ['.n, .n', 'values', /^expected one value, got 2: collect them with \[ … \]/],
    ['.n / 0', 'failed', /cannot be divided because the divisor is zero$/],
    ['error("boom")', 'failed', /^boom$/],
    ['error({a: 1})', 'failed', /\{"a":1\}/],
    ['.n.x', 'failed', /^Cannot index number with string$/],
    ['"sk-(1)" | tonumber', 'failed', /^string cannot be parsed as a number$/],
    ['"sk-) and number (" + 1', 'failed', /^string and number cannot be added$/],
    ['"sk-1" | keys', 'failed', /^string has no keys$/],
    ['"sk-1" | .[]', 'failed', /^Cannot iterate over string$/],
    ['"sk-1" | fromjson', 'failed', /^(?!.*sk-1)/],
    ['"sk-1" | strptime("%Y")', 'failed', /^the date does not match its format$/],
    ['"sk-1\\nsk-2" | strptime("%Y")', 'failed', /^the date does not match its format$/],
    ['"x" | test("sk-(")', 'failed', /^(?!.*sk-)/],
    ['[["sk-1"]] | @csv', 'failed', /^(?!.*sk-1)/],
    ['"sk-1" | .["a"]', 'failed', /^(?!.*sk-1)/],
  ])('a fault of %s names its kind and place', async (...row) => {
    const [source, kind, message, place] = row;
    const { fault } = (await evaluate(source)) as {
      fault: { kind: string; message: string; line?: number; column?: number };
    };
    expect(fault).toMatchObject({ kind, message: expect.stringMatching(message) });
    if (place !== undefined) expect([fault.line, fault.column]).toEqual(place);
  });

  test('an expression that loops is ended, and the next one works', async () => {
    const [looping, next] = await Promise.all([evaluate('first(repeat(1) | select(. > 1))'), evaluate('.n')]);
    expect(looping).toMatchObject({
      fault: { kind: 'timeout', message: expect.stringContaining('within 2000 ms') },
    });
    expect(next).toEqual({ value: 3 });
  });

  test('an evaluation that is given up before its turn leaves the queue', async () => {
    const given = new AbortController();
    const looping = evaluate('first(repeat(1) | select(. > 1))');
    const waiting = Array.from({ length: 3 }, () =>
      engine.evaluate('first(repeat(1) | select(. > 1))', scope, given.signal),
    );
    const next = evaluate('.n');
    given.abort(new Error('given up'));
    expect(await Promise.allSettled(waiting)).toEqual(
      waiting.map(() => ({ status: 'rejected', reason: new Error('given up') })),
    );
    expect(await looping).toMatchObject({ fault: { kind: 'timeout' } });
    expect(await next).toEqual({ value: 3 });
  });

  test('an expression that recurs without end breaks only its own evaluation', async () => {
    expect(await evaluate('def f: [f]; f')).toMatchObject({
      fault: { kind: expect.stringMatching(/crashed|timeout/) },
    });
    expect(await evaluate('.n')).toEqual({ value: 3 });
  });

  test('the process environment cannot be read', async () => {
    process.env['ZIGFLOW_TEST_SECRET'] = 'visible?';
    expect(await evaluate('env.ZIGFLOW_TEST_SECRET')).toEqual({ value: null });
    expect(await evaluate('$ENV.ZIGFLOW_TEST_SECRET')).toEqual({ value: null });
  });

  test('a value of 2 MB passes both ways', async () => {
    const input = { text: 'x'.repeat(2_000_000) };
    const { value } = (await engine.evaluate('$input', { current: null, variables: { input } })) as {
      value: JsonValue;
    };
    expect(value).toEqual(input);
  });

  test('check compiles without running', async () => {
    expect(await engine.check('error("never")')).toBeUndefined();
    expect(await engine.check('def f: f; f')).toBeUndefined();
    expect(await engine.check('$env.A + $nope')).toMatchObject({
      kind: 'syntax',
      message: '$nope is not defined',
      line: 1,
      column: 10,
    });
  });

  test('a closed engine says so', async () => {
    const other = createJqEngine();
    expect(await other.check('.')).toBeUndefined();
    await other.close();
    await expect(other.check('.')).rejects.toThrow('expected an open expression engine');
  });
});
