import { create } from '@bufbuild/protobuf';
import { describe, expect, test } from '@jest/globals';
import { SummarizerRuntimeSchema } from '@token-handshake/proto/agent';
import { summarizerRuntime } from './run-summarizer.ts';
import { summarize } from './summarize.ts';

const text = `# Lighthouses

Hello there.

A lighthouse is a tower that shows ships where the coast is. The light of a lighthouse turns, so that ships can tell one
tower from another by its rhythm. My aunt once ate an apple on a boat.

\`\`\`sh
lighthouse --turn --light --tower
\`\`\`

- Keepers lived in the tower and kept its light burning for the ships.
- Today most towers work without keepers, and their light is electric.

| tower | light |
|---|---|
| north | white |
`;

const request = { executionId: 'aex_1', threadId: 'thr_1', environment: {} };

describe('the summarizer', () => {
  test('picks whole sentences of the text, in their order', () => {
    const summary = summarize(text, { maxSentences: 3 });
    const prose = text.replaceAll(/\s+/g, ' ');
    const sentences = summary.match(/[^.]+\./g)?.map((sentence) => sentence.trim()) ?? [];
    expect(sentences).toHaveLength(3);
    const places = sentences.map((sentence) => prose.indexOf(sentence));
    expect(places.every((place) => place >= 0)).toBe(true);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });

  test('leaves out what has little to do with the rest, and what is not prose', () => {
    const summary = summarize(text, { maxSentences: 4 });
    expect(summary).not.toMatch(/apple|--turn|north|Hello|Lighthouses/);
  });

  test('gives back a text without sentences', () => {
    expect(summarize('  ok  ', { maxSentences: 3 })).toBe('ok');
    expect(summarize('', { maxSentences: 3 })).toBe('');
  });

  test('runs in a thread of its own', async () => {
    const lines: string[] = [];
    const end = await summarizerRuntime(create(SummarizerRuntimeSchema, { maxSentences: 2 }))(
      { ...request, message: text },
      { signal: new AbortController().signal, progress: (line) => lines.push(line) },
    );
    expect(end).toEqual({ kind: 'answered', output: summarize(text, { maxSentences: 2 }) });
    expect(lines).toEqual([`reading ${text.length} characters`]);
  });

  test('a cancel ends it', async () => {
    const cancel = new AbortController();
    const running = summarizerRuntime(create(SummarizerRuntimeSchema))(
      { ...request, message: text.repeat(200) },
      { signal: cancel.signal, progress: () => cancel.abort(new Error('cancelled')) },
    );
    await expect(running).rejects.toThrow('cancelled');
  });
});
