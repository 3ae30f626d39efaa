import type { ModelAnswer } from './model-provider.ts';

/** Says a text in Anthropic's streaming protocol. */
export const saysAsAnthropic = (text: string): ModelAnswer =>
  message('end_turn', { type: 'text', text: '' }, { type: 'text_delta', text });

/** Calls a tool in Anthropic's streaming protocol. */
export const callsAsAnthropic = (id: string, name: string, args: object): ModelAnswer =>
  message(
    'tool_use',
    { type: 'tool_use', id, name, input: {} },
    { type: 'input_json_delta', partial_json: JSON.stringify(args) },
  );

function message(stopReason: string, block: object, delta: object): ModelAnswer {
  return ({ body: { model } }, response) => {
    const events = [
      {
        type: 'message_start',
        message: {
          id: 'msg_1',
          type: 'message',
          role: 'assistant',
          content: [],
          model,
          stop_reason: null,
          stop_sequence: null,
          usage: { input_tokens: 10, output_tokens: 1 },
        },
      },
      { type: 'content_block_start', index: 0, content_block: block },
      { type: 'content_block_delta', index: 0, delta },
      { type: 'content_block_stop', index: 0 },
      {
        type: 'message_delta',
        delta: { stop_reason: stopReason, stop_sequence: null },
        usage: { output_tokens: 5 },
      },
      { type: 'message_stop' },
    ];
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const event of events) response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    response.end();
  };
}
