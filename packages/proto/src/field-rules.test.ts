import { create, type DescMessage, fromJson, type JsonObject, type MessageShape } from '@bufbuild/protobuf';
import { createValidator } from '@bufbuild/protovalidate';
import { describe, expect, test } from '@jest/globals';
import {
  AgentIdSchema,
  AgentSchema,
  AgentSpecSchema,
  CommandRuntimeSchema,
  ListAgentsRequestSchema,
  SummarizerRuntimeSchema,
} from './agent.ts';
import {
  AgentExecutionIdSchema,
  AgentExecutionSchema,
  AgentExecutionUpdateStatusInputSchema,
  CancelAgentExecutionRequestSchema,
  ExecutionPhase,
  ListAgentExecutionsBySessionRequestSchema,
  ListAgentExecutionsRequestSchema,
  SessionIdSchema,
} from './agentexecution.ts';
import { ApiResourceIdSchema, ApiResourceKind, ApiResourceReferenceSchema } from './apiresource.ts';
import { CheckRequestSchema, CompleteRequestSchema, FailRequestSchema } from './tokenhandshake.ts';

const validator = createValidator();

function violations<Desc extends DescMessage>(schema: Desc, message: MessageShape<Desc>): string[] {
  const result = validator.validate(schema, message);
  if (result.kind === 'error') throw result.error;
  return (result.violations ?? []).map(({ field, ruleId }) => {
    const path = field.map((part) => ('name' in part ? part.name : part.kind)).join('.');
    return `${path}: ${ruleId}`;
  });
}

const rawTaskToken = new Uint8Array(170).fill(7);
const id = 'aex_01jh0000000000000000000000';

describe('what existing clients send passes', () => {
  test('a create with a name only, a raw task token and no configuration', () => {
    const message = create(AgentExecutionSchema, {
      apiVersion: 'agentic.stigmer.ai/v1',
      kind: 'AgentExecution',
      metadata: { name: 'summarizer-execution-1767225600' },
      spec: {
        agentId: 'agt_01jh0000000000000000000000',
        message: 'hello',
        callbackToken: rawTaskToken,
        runtimeEnv: { TOKEN: { value: 's3cret', isSecret: true } },
      },
    });
    expect(violations(AgentExecutionSchema, message)).toEqual([]);
  });

  test('a look-up by reference', () => {
    const message = create(ApiResourceReferenceSchema, {
      scope: 1,
      org: 'acme',
      kind: ApiResourceKind.agent,
      slug: 'summarizer',
    });
    expect(violations(ApiResourceReferenceSchema, message)).toEqual([]);
  });

  test('a status of a runner that failed without saying why', () => {
    const message = create(AgentExecutionUpdateStatusInputSchema, {
      executionId: id,
      status: { phase: ExecutionPhase.EXECUTION_FAILED },
    });
    expect(violations(AgentExecutionUpdateStatusInputSchema, message)).toEqual([]);
  });

  test.each<[string, DescMessage, JsonObject]>([
    ['an execution by its id', AgentExecutionIdSchema, { value: id }],
    ['a delete by the id of any resource', ApiResourceIdSchema, { value: id }],
    ['an agent by its id', AgentIdSchema, { value: 'agt_1' }],
    ['a list with nothing set', ListAgentExecutionsRequestSchema, {}],
    ['a list of a session', ListAgentExecutionsBySessionRequestSchema, { sessionId: 'ses_1' }],
    ['a list of agents with nothing set', ListAgentsRequestSchema, {}],
    ['a session', SessionIdSchema, { value: 'ses_1' }],
  ])('%s', (_what, schema, json) => {
    expect(violations(schema, fromJson(schema, json))).toEqual([]);
  });

  test('a message of ours without version and kind', () => {
    const execution = fromJson(AgentExecutionSchema, { metadata: { name: 'n' }, spec: spec() });
    const agent = fromJson(AgentSchema, {
      metadata: { name: 'summarizer' },
      spec: { instructions: 'Summarize the text.', runtime: { summarizer: {} } },
    });
    expect(violations(AgentExecutionSchema, execution)).toEqual([]);
    expect(violations(AgentSchema, agent)).toEqual([]);
  });
});

describe('what breaks a rule is named', () => {
  test.each<[string, JsonObject]>([
    ['spec.message: string.min_len', { spec: { agentId: 'agt_1' } }],
    ['spec: agent_execution_spec.agent_or_session', { spec: { message: 'hello' } }],
    ['spec: required', {}],
    ['api_version: string.const', { apiVersion: 'agentic.stigmer.ai/v2' }],
    ['kind: string.const', { kind: 'Agent' }],
    ['metadata.name: string.max_len', { metadata: { name: 'n'.repeat(256) } }],
    ['metadata.slug: string.max_len', { metadata: { slug: 's'.repeat(256) } }],
    ['metadata.owner_scope: enum.defined_only', { metadata: { ownerScope: 77 } }],
    [
      'spec.callback_token: bytes.max_len',
      { spec: spec({ callbackToken: Buffer.alloc(8193).toString('base64') }) },
    ],
    ['spec.on_caller_gone: enum.defined_only', { spec: spec({ onCallerGone: 3 }) }],
    [
      'spec.execution_config.temperature: double.gte_lte',
      { spec: spec({ executionConfig: { temperature: 2.01 } }) },
    ],
    [
      'spec.execution_config.temperature: double.gte_lte',
      { spec: spec({ executionConfig: { temperature: 'NaN' } }) },
    ],
  ])('execution, %s', (violation, json) => {
    const message = fromJson(AgentExecutionSchema, { metadata: { name: 'n' }, ...json });
    expect(violations(AgentExecutionSchema, message)).toContain(violation);
  });

  test('execution without metadata', () => {
    expect(violations(AgentExecutionSchema, create(AgentExecutionSchema))).toContain('metadata: required');
  });

  test.each([0, 2])('a token of 8192 bytes is not too long, a temperature of %s in range', (temperature) => {
    const message = fromJson(AgentExecutionSchema, {
      metadata: {},
      spec: spec({ callbackToken: Buffer.alloc(8192).toString('base64'), executionConfig: { temperature } }),
    });
    expect(violations(AgentExecutionSchema, message)).toEqual([]);
  });

  test.each<[string, DescMessage, JsonObject]>([
    ['instructions: string.min_len', AgentSpecSchema, { instructions: 'too short' }],
    ['runtime.kind: required', AgentSpecSchema, { instructions: 'long enough', runtime: {} }],
    ['argv: repeated.min_items', CommandRuntimeSchema, {}],
    ['argv: command_runtime.argv.program', CommandRuntimeSchema, { argv: ['', '-v'] }],
    ['env_allow.list_sub: string.pattern', CommandRuntimeSchema, { argv: ['cat'], envAllow: ['A=B'] }],
    ['timeout_seconds: int32.gte_lte', CommandRuntimeSchema, { argv: ['cat'], timeoutSeconds: -1 }],
    ['max_sentences: int32.gte_lte', SummarizerRuntimeSchema, { maxSentences: 101 }],
    ['page_size: int32.gte_lte', ListAgentsRequestSchema, { pageSize: -1 }],
    ['page_size: int32.gte_lte', ListAgentExecutionsRequestSchema, { pageSize: 1001 }],
    [
      'page_size: int32.gte_lte',
      ListAgentExecutionsBySessionRequestSchema,
      { sessionId: 's', pageSize: 1001 },
    ],
    ['phase: enum.defined_only', ListAgentExecutionsRequestSchema, { phase: 9 }],
    ['session_id: string.min_len', ListAgentExecutionsBySessionRequestSchema, {}],
    ['value: string.pattern', AgentExecutionIdSchema, { value: 'agt_1' }],
    ['value: string.min_len', AgentIdSchema, {}],
    ['value: string.min_len', ApiResourceIdSchema, {}],
    ['slug: string.min_len', ApiResourceReferenceSchema, { kind: 'agent' }],
    ['version: string.pattern', ApiResourceReferenceSchema, { slug: 'a', version: 'a b' }],
    ['execution_id: string.pattern', CancelAgentExecutionRequestSchema, { executionId: '1' }],
    ['status: required', AgentExecutionUpdateStatusInputSchema, { executionId: id }],
    ['callback_token: bytes.min_len', CheckRequestSchema, {}],
    [
      'callback_token: bytes.max_len',
      CompleteRequestSchema,
      { callbackToken: Buffer.alloc(8193).toString('base64') },
    ],
    ['failure: required', FailRequestSchema, { callbackToken: 'ZXlK' }],
    [
      'status.phase: enum.defined_only',
      AgentExecutionUpdateStatusInputSchema,
      { executionId: id, status: { phase: 6 } },
    ],
  ])('%s', (violation, schema, json) => {
    expect(violations(schema, fromJson(schema, json))).toContain(violation);
  });
});

function spec(more: JsonObject = {}): JsonObject {
  return { agentId: 'agt_1', message: 'hello', ...more };
}
