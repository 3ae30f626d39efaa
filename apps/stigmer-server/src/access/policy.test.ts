import { createConnectRouter } from '@connectrpc/connect';
import { describe, expect, test } from '@jest/globals';
import type { StigmerContext } from '../context.ts';
import { stigmerRoutes } from '../rpc/index.ts';
import { ACCESS_POLICY } from './policy.ts';

/** Every method that the server serves. */
const served = () => {
  const router = createConnectRouter();
  stigmerRoutes({} as StigmerContext)(router);
  return new Set(router.handlers.map(({ service, method }) => `${service.typeName}/${method.name}`));
};

/** The methods that a role may call, without their packages. */
const allowed = (role: 'caller' | 'runner' | 'operator' | 'anonymous') =>
  Object.entries(ACCESS_POLICY).flatMap(([method, roles]) => {
    const reach = roles[role];
    return reach === undefined ? [] : [`${method.split('.').at(-1)} ${reach}`];
  });

describe('the access policy', () => {
  test('names every method that the server serves, and no other', () => {
    expect(Object.keys(ACCESS_POLICY).toSorted()).toEqual([...served()].toSorted());
  });

  test('gives operators everything', () => {
    expect(allowed('operator')).toHaveLength(Object.keys(ACCESS_POLICY).length);
    expect(allowed('operator').every((entry) => entry.endsWith(' all'))).toBe(true);
  });

  test('gives a caller of an execution no more than its own', () => {
    const executions = allowed('caller').filter((entry) => entry.startsWith('AgentExecution'));
    expect(executions.every((entry) => entry.endsWith(' own'))).toBe(true);
    expect(executions.map((entry) => entry.split(/[/ ]/)[1])).toEqual([
      'create',
      'update',
      'delete',
      'cancel',
      'get',
      'list',
      'listBySession',
      'subscribe',
    ]);
  });

  test('gives a runner what it needs to run', () => {
    expect(allowed('runner')).toEqual([
      'AgentQueryController/get all',
      'AgentQueryController/getByReference all',
      'AgentExecutionCommandController/updateStatus all',
      'AgentExecutionQueryController/get all',
      'AgentInstanceQueryController/get all',
      'SessionQueryController/get all',
      'SessionQueryController/listTurns all',
      'RunnerService/GetRunSecrets all',
    ]);
  });

  test('gives anonymous callers what existing callers need, and nothing more', () => {
    expect(allowed('anonymous')).toEqual([
      'AgentQueryController/getByReference own',
      'AgentExecutionCommandController/create own',
    ]);
  });
});
