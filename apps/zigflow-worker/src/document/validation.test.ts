import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { createJqEngine } from '../expression/jq-engine.ts';
import { loadFolder, validateText } from './load-documents.ts';
import { formatProblem } from './problem.ts';

const engine = createJqEngine();
afterAll(() => engine.close());

const head = 'document: { dsl: 1.0.0, taskQueue: q, workflowType: w, version: 1.0.0 }\n';

async function problemsOf(text: string): Promise<string[]> {
  const { problems } = await validateText('w.yaml', text, engine);
  return problems.map(formatProblem);
}

describe('a document that can be used', () => {
  test('is read with its head, its tasks and their places', async () => {
    const text = `${head}do:
  - ask:
      if: \${ $input.go }
      call: agent
      with:
        agent: acme/summarizer
        message: \${ $input.text }
        env: { A: x, B: { value: y, secret: true }, C: 1 }
        config: { model: m, temperature: 0 }
        timeouts: { result: 1h30m, liveness: PT1M }
      output: { as: { text: "\${ .status.output }" } }
      export: { as: "\${ . }" }
`;
    const { documents, problems } = await validateText('w.yaml', text, engine);
    expect(problems).toEqual([]);
    expect(documents).toMatchObject([
      {
        file: 'w.yaml',
        workflowType: 'w',
        taskQueue: 'q',
        version: '1.0.0',
        tasks: [
          {
            name: 'ask',
            kind: 'call-agent',
            at: { line: 3, column: 5 },
            condition: '${ $input.go }',
            outputAs: { text: '${ .status.output }' },
            exportAs: '${ . }',
          },
        ],
      },
    ]);
  });

  test.each([
    [
      'anchors',
      `${head}x-unused: 1\n`.replace('x-unused: 1\n', '') +
        'do:\n  - a: { set: &v { x: 1 } }\n  - b: { set: *v }\n',
    ],
    [
      'JSON, which is YAML too',
      JSON.stringify({
        document: { dsl: '1.0.3', taskQueue: 'q', workflowType: 'w', version: '1' },
        do: [{ a: { set: {} } }],
      }),
    ],
    [
      'an expression over several lines',
      `${head}do:\n  - a:\n      set:\n        x: |\n          \${\n            $input\n            | length\n          }\n`,
    ],
    [
      'title, summary and tags',
      `${head.replace(' }', ', title: t, summary: s, tags: { a: b } }')}do: [ { a: { set: {} } } ]\n`,
    ],
    ['a `with` that is one expression', `${head}do: [ { a: { call: agent, with: "\${ $input }" } } ]\n`],
    [
      'groups of `with` that are expressions',
      `${head}do: [ { a: { call: agent, with: { agent: "\${ 1 }", message: "\${ 2 }", env: "\${ {} }", config: "\${ {} }", timeouts: "\${ {} }" } } } ]\n`,
    ],
  ])('may have %s', async (_what, text) => {
    expect(await problemsOf(text)).toEqual([]);
  });
});

describe('a document that cannot be used is refused with place, what was expected, and what came', () => {
  const task = (yaml: string) => `${head}do:\n  - a:\n${yaml.replace(/^/gm, '      ')}\n`;
  test.each<[text: string, ...problems: string[]]>([
    ['', 'w.yaml:1:1: expected a workflow document, got an empty file'],
    ['# nothing\n', 'w.yaml:1:1: expected a workflow document, got an empty file'],
    ['- a\n', 'w.yaml:1:1: expected a workflow document to be a mapping, got a list'],
    [
      'documnt: {}\ndo: []\n',
      'w.yaml:1:1: documnt: unknown key "documnt": a workflow document takes "document" or "do". Did you mean "document"?',
      'w.yaml:1:1: expected the key "document" in a workflow document, but it is missing',
      'w.yaml:2:5: do: expected at least one task, got an empty list',
    ],
    [
      'document: { dsl: 2.0.0, taskQueu: q, workflowType: 3, version: "" }\ndo: [ { a: { set: {} } } ]\n',
      'w.yaml:1:25: document.taskQueu: unknown key "taskQueu": "document" takes "dsl", "taskQueue", "workflowType", "version", "title", "summary" or "tags". Did you mean "taskQueue"?',
      'w.yaml:1:11: document: expected the key "taskQueue" in "document", but it is missing',
      'w.yaml:1:52: document.workflowType: expected "workflowType" to be a string, got the number 3: put it in quotes',
      'w.yaml:1:64: document.version: expected "version" to be a string, got an empty string',
      'w.yaml:1:18: document.dsl: expected a version of the language such as "1.0.0", got "2.0.0"',
    ],
    [
      `${head}do: [ { a: { set: {} } } ]\ntimeout: { after: 1m }\n`,
      'w.yaml:3:1: timeout: "timeout" is not supported by this worker; a workflow document takes "document" or "do"',
    ],
    [
      `${head}do:\n  - a: { set: {} }\n  bad\n`,
      'w.yaml:4:1: not valid YAML: All mapping items must start at the same column',
      'w.yaml:4:3: not valid YAML: Implicit map keys need to be followed by map values',
    ],
    [
      `${head}do:\n  - a: { set: {} }\n  - a: { set: {} }\n`,
      'w.yaml:4:5: do[1].a: expected task names to be unique in a list, got "a" twice',
    ],
    [
      `${head}do:\n  - a:\n    set: { x: 1 }\n`,
      'w.yaml:3:5: do[0]: expected one task by its name, "- name: …", got the keys "a" or "set": indent the task below its name',
    ],
    [`${head}do: { a: { set: {} } }\n`, 'w.yaml:2:5: do: expected "do" to be a list, got a mapping'],
    [
      `${head}---\n${head}`,
      'w.yaml:2:1: expected one document in the file, got several: put each in its own file',
    ],
    [
      task('seet: { x: 1 }'),
      'w.yaml:3:5: do[0].a: expected the task to have one of "do", "set" or "call", got none. Did you mean "set"?',
    ],
    [
      task('set: { x: 1 }\ncall: agent'),
      'w.yaml:3:5: do[0].a: expected the task to have only one of "do", "set" or "call", got "set" and "call"',
    ],
    [
      task('wait: { seconds: 5 }'),
      'w.yaml:4:7: do[0].a.wait: tasks of the kind "wait" are not supported by this worker; it runs "do", "set" or "call"',
    ],
    [
      task('set: { x: 1 }\ntimeout: 5s'),
      'w.yaml:5:7: do[0].a.timeout: "timeout" is not supported by this worker; a "set" task takes "set", "if", "output" or "export"',
    ],
    [task('set: 3'), 'w.yaml:4:12: do[0].a.set: expected "set" to be a mapping, got the number 3'],
    [
      task('set: { x: .inf }'),
      'w.yaml:4:17: do[0].a.set.x: expected a value that JSON can carry, got the number Infinity',
    ],
    [
      task('set: { x: 1 }\nif: $input.go'),
      'w.yaml:5:11: do[0].a.if: expected "if" to be an expression ${ … }, got "$input.go"',
    ],
    [
      task('set: { x: 1 }\noutput: ${ . }'),
      'w.yaml:5:15: do[0].a.output: expected "output" to be a mapping, got the string "${ . }"',
    ],
    [
      task('set: { x: 1 }\nexport: { a: 1 }'),
      'w.yaml:5:17: do[0].a.export.a: unknown key "a": "export" takes "as".',
      'w.yaml:5:15: do[0].a.export: expected the key "as" in "export", but it is missing',
    ],
    [
      task('call: http\nwith: {}'),
      'w.yaml:4:13: do[0].a.call: expected "call" to be "agent", got "http", which is not supported by this worker.',
    ],
    [
      task('call: agnet\nwith: {}'),
      'w.yaml:4:13: do[0].a.call: expected "call" to be "agent", got "agnet", which is not known. Did you mean "agent"?',
    ],
    [
      task('call: agent'),
      'w.yaml:3:5: do[0].a: expected the key "with" in a "call" task, but it is missing',
    ].map((line, index) => (index === 1 ? line.replace('3:5', '4:7') : line)) as [string, string],
  ])('%j', async (text, ...problems) => {
    expect(await problemsOf(text)).toEqual(problems);
  });

  test('every key of `with` has its own words', async () => {
    const text = task(`call: agent
with:
  agent: Not A Slug
  mesage: x
  env: { A: [1], B: { value: x, hidden: true } }
  callId: "with blanks in it"
  onCallerGone: wait
  config: { model: 3, temperature: 9, top: 1 }
  timeouts: { result: 5 minutes, liveness: 0s, total: 1m }`);
    expect(await problemsOf(text)).toEqual([
      'w.yaml:7:9: do[0].a.with.mesage: unknown key "mesage": "with" takes "agent", "message", "env", "callId", "onCallerGone", "config" or "timeouts". Did you mean "message"?',
      'w.yaml:6:9: do[0].a.with: expected the key "message" in "with", but it is missing',
      'w.yaml:11:45: do[0].a.with.config.top: unknown key "top": "config" takes "model" or "temperature".',
      'w.yaml:12:54: do[0].a.with.timeouts.total: unknown key "total": "timeouts" takes "result" or "liveness".',
      'w.yaml:6:16: do[0].a.with.agent: expected "agent" to be an agent\'s slug, such as "summarizer" (lower case, digits and hyphens), or "organisation/slug", got "Not A Slug"',
      'w.yaml:9:17: do[0].a.with.callId: expected "callId" to be 1 to 200 visible ASCII characters, got "with blanks in it"',
      'w.yaml:10:23: do[0].a.with.onCallerGone: expected "onCallerGone" to be "cancel" or "detach", got "wait"',
      'w.yaml:8:19: do[0].a.with.env.A: expected a string, or { value: …, secret: true }, got a list',
      'w.yaml:8:27: do[0].a.with.env.B: expected a string, or { value: …, secret: true }, got an object with "value", "hidden"',
      'w.yaml:11:26: do[0].a.with.config.model: expected "model" to be a string, got 3',
      'w.yaml:11:42: do[0].a.with.config.temperature: expected "temperature" to be a number from 0 to 2, got 9',
      'w.yaml:12:29: do[0].a.with.timeouts.result: expected a duration such as "30s", "5m" or "1h30m", ISO 8601 such as "PT5M", or a mapping such as { minutes: 5 }, got "5 minutes"',
      'w.yaml:12:50: do[0].a.with.timeouts.liveness: expected a duration such as "30s", "5m" or "1h30m", ISO 8601 such as "PT5M", or a mapping such as { minutes: 5 }, got "0s"',
    ]);
  });

  test.each(['{ value: [hunter2], secret: true }', '{ value: hunter2, isSecret: true }', '[hunter2]'])(
    'the value of a variable is not repeated in a message: %s',
    async (value) => {
      const problems = await problemsOf(
        task(`call: agent\nwith: { agent: a, message: m, env: { K: ${value} } }`),
      );
      expect(problems).toHaveLength(1);
      expect(problems[0]).toContain('env.K: expected a string, or { value: …, secret: true }, got a');
      expect(problems[0]).not.toContain('hunter2');
    },
  );

  test.each<[yaml: string, problem: string]>([
    [
      'set: { x: "${ .a[ }" }',
      'w.yaml:4:23: do[0].a.set.x: not valid jq: syntax error, unexpected end of file',
    ],
    [
      'set: { x: "${ 1 + $inptu.a }" }',
      'w.yaml:4:25: do[0].a.set.x: $inptu is not defined: expressions can read "$input", "$data", "$context", "$output" or "$env". Did you mean "$input"?',
    ],
    ['set:\n  x: >-\n    ${ nope(1) }', 'w.yaml:6:14: do[0].a.set.x: not valid jq: nope/1 is not defined'],
    [
      'set:\n  x: |\n    ${\n      .a |\n      nope }',
      'w.yaml:5:12: do[0].a.set.x: not valid jq: nope/0 is not defined',
    ],
    [
      'set: { x: "Hello ${ .name }" }',
      'w.yaml:4:17: do[0].a.set.x: expected an expression to be the whole string, got other text around it: write the text inside it, such as ${ "Hello \\($input.name)" }',
    ],
    [
      'set: { x: "${ .a } ${ .b }" }',
      expect.stringMatching(
        /not valid jq: .*An expression is the whole string: several pieces go into one/,
      ) as unknown as string,
    ],
    ['set: { x: "${ }" }', 'w.yaml:4:17: do[0].a.set.x: expected an expression within ${ }, got nothing'],
  ])('an expression: %s', async (yaml, problem) => {
    expect(await problemsOf(task(yaml))).toEqual([problem]);
  });

  test('anchors that multiply are bounded', async () => {
    const lines = ['  - a0: { set: &a0 { x: [1,1,1,1,1,1,1,1,1,1] } }'];
    for (let i = 1; i < 8; i++) {
      const parts = Array.from({ length: 10 }, (_, j) => `k${j}: *a${i - 1}`).join(', ');
      lines.push(`  - a${i}: { set: &a${i} { ${parts} } }`);
    }
    const problems = await problemsOf(`${head}do:\n${lines.join('\n')}\n`);
    expect(problems).toEqual([expect.stringContaining('expected at most 50000 values in a document')]);
  });

  test('a file that is too large', async () => {
    expect(await problemsOf(`${head}do: [ { a: { set: { x: ${'x'.repeat(300_000)} } } } ]\n`)).toEqual([
      'w.yaml:1:1: expected at most 256 KiB, got 294 KiB',
    ]);
  });
});

describe('a folder', () => {
  test('gives its documents by name; two of one type on one queue are a problem, as is a file that is no text', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'zigflow-'));
    try {
      const body = 'do: [ { a: { set: {} } } ]\n';
      await writeFile(join(folder, 'a.yaml'), head + body);
      await writeFile(join(folder, 'b.yml'), head.replace('workflowType: w', 'workflowType: v') + body);
      await writeFile(join(folder, 'notes.md'), 'not read');
      const good = await loadFolder(folder, engine);
      expect(good.problems).toEqual([]);
      expect(good.documents.map(({ file, workflowType }) => [file, workflowType])).toEqual([
        ['a.yaml', 'w'],
        ['b.yml', 'v'],
      ]);

      await writeFile(join(folder, 'c.yaml'), head + body);
      await writeFile(join(folder, 'd.yaml'), Buffer.from([0xff, 0xfe, 0x00]));
      const { problems } = await loadFolder(folder, engine);
      expect(problems.map(formatProblem)).toEqual([
        `${join(folder, 'c.yaml')}:1:1: document.workflowType: expected one document for the workflow type "w" on the task queue "q", but "${join(folder, 'a.yaml')}" has it too: rename one`,
        `${join(folder, 'd.yaml')}:1:1: cannot be read: it is not UTF-8 text`,
      ]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('that does not exist is a problem', async () => {
    const { problems } = await loadFolder('/does/not/exist', engine);
    expect(problems.map(formatProblem)).toEqual([
      expect.stringMatching(/^\/does\/not\/exist:1:1: cannot be read: ENOENT/),
    ]);
  });
});
