import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { files, registry } from './registry.ts';

const proto = join(import.meta.dirname, '../../../proto');

describe('registry', () => {
  test('holds every file of the contract', () => {
    const written = readdirSync(proto, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.proto') && !path.startsWith('third_party'))
      .map((path) => path.replaceAll('\\', '/'));
    expect(files.map(({ name }) => `${name}.proto`).sort()).toEqual(written.sort());
  });

  test('finds messages, enums and services by the names that are on the wire', () => {
    const paths = [...registry]
      .filter((type) => type.kind === 'service')
      .flatMap((service) => service.methods.map(({ name }) => `/${service.typeName}/${name}`));
    expect(paths.sort()).toMatchInlineSnapshot(`
[
  "/ai.stigmer.agentic.agent.v1.AgentCommandController/apply",
  "/ai.stigmer.agentic.agent.v1.AgentCommandController/create",
  "/ai.stigmer.agentic.agent.v1.AgentCommandController/delete",
  "/ai.stigmer.agentic.agent.v1.AgentCommandController/update",
  "/ai.stigmer.agentic.agent.v1.AgentQueryController/get",
  "/ai.stigmer.agentic.agent.v1.AgentQueryController/getByReference",
  "/ai.stigmer.agentic.agent.v1.AgentQueryController/list",
  "/ai.stigmer.agentic.agentexecution.v1.AgentExecutionCommandController/cancel",
  "/ai.stigmer.agentic.agentexecution.v1.AgentExecutionCommandController/create",
  "/ai.stigmer.agentic.agentexecution.v1.AgentExecutionCommandController/delete",
  "/ai.stigmer.agentic.agentexecution.v1.AgentExecutionCommandController/update",
  "/ai.stigmer.agentic.agentexecution.v1.AgentExecutionCommandController/updateStatus",
  "/ai.stigmer.agentic.agentexecution.v1.AgentExecutionQueryController/get",
  "/ai.stigmer.agentic.agentexecution.v1.AgentExecutionQueryController/list",
  "/ai.stigmer.agentic.agentexecution.v1.AgentExecutionQueryController/listBySession",
  "/ai.stigmer.agentic.agentexecution.v1.AgentExecutionQueryController/subscribe",
  "/ai.stigmer.agentic.agentinstance.v1.AgentInstanceQueryController/get",
  "/ai.stigmer.agentic.session.v1.SessionCommandController/apply",
  "/ai.stigmer.agentic.session.v1.SessionCommandController/create",
  "/ai.stigmer.agentic.session.v1.SessionCommandController/delete",
  "/ai.stigmer.agentic.session.v1.SessionCommandController/update",
  "/ai.stigmer.agentic.session.v1.SessionQueryController/get",
  "/ai.stigmer.agentic.session.v1.SessionQueryController/list",
  "/ai.stigmer.agentic.session.v1.SessionQueryController/listByAgent",
  "/ai.stigmer.agentic.session.v1.SessionQueryController/listTurns",
  "/grpc.health.v1.Health/Check",
  "/grpc.health.v1.Health/Watch",
  "/tokenhandshake.v1.CallbackService/Cancel",
  "/tokenhandshake.v1.CallbackService/Check",
  "/tokenhandshake.v1.CallbackService/Complete",
  "/tokenhandshake.v1.CallbackService/Fail",
  "/tokenhandshake.v1.CallbackService/Heartbeat",
  "/tokenhandshake.v1.RunnerService/GetRunSecrets",
  "/tokenhandshake.v1.WaitService/AbandonWait",
  "/tokenhandshake.v1.WaitService/GetWait",
  "/tokenhandshake.v1.WaitService/ListWaits",
  "/tokenhandshake.v1.WaitService/RedeliverWait",
]
`);
    expect(registry.getMessage('ai.stigmer.agentic.agentexecution.v1.AgentExecution')).toBeDefined();
    expect(registry.getEnum('ai.stigmer.commons.apiresource.apiresourcekind.ApiResourceKind')).toBeDefined();
  });

  test('leaves out what is not ours', () => {
    expect(registry.getMessage('google.protobuf.Struct')).toBeUndefined();
    expect(registry.getMessage('buf.validate.FieldRules')).toBeUndefined();
  });
});
