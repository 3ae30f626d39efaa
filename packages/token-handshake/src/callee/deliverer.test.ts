import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type CalleeFixture, executionOf, openCallee, temporalTarget } from '../../test/callee-fixture.ts';
import { type Handed, TemporalFixture } from '../../test/temporal-fixture.ts';
import { fingerprintOf, previewOf } from '../callback/index.ts';
import type { ExecutionId } from '../ids.ts';
import { callbackClaims } from '../testing/callback-claims.ts';
import { InMemoryLedger } from '../testing/in-memory-ledger.ts';
import type { Delivery } from '../verdict.ts';
import { TemporalTarget } from './temporal-target.ts';

let fixture: TemporalFixture;
beforeAll(async () => {
  fixture = await TemporalFixture.start();
}, 60_000);
afterAll(() => fixture[Symbol.asyncDispose]());

/** A callee that took in one caller's call, and has its outcome. */
async function waiting(open: CalleeFixture = openCallee(fixture), livenessTimeoutMs = 60_000) {
  const { handle, handed } = await fixture.call({ livenessTimeoutMs });
  await open.admit(handed);
  const executionId = executionOf(handed);
  open.finals.set(executionId, { completed: { output: handed.workflowId } });
  return { ...open, handle, handed, executionId, deliver: () => open.callee.deliverer.deliver(executionId) };
}

/** Ends the caller behind the callee's back. */
async function complete({ taskToken }: Handed): Promise<void> {
  await fixture.client.activity.complete(taskToken, 'by somebody else');
}

describe('delivering a stored outcome', () => {
  test('the caller gets what is stored, and the row says delivered', async () => {
    const { deliver, handle, ledger, executionId, handed, events } = await waiting();
    expect(await deliver()).toEqual({ verdict: 'delivered', generation: 1, closed: true });
    expect(await handle.result()).toEqual({ output: handed.workflowId });
    expect(await ledger.find(executionId)).toMatchObject({ state: 'delivered', sentGeneration: 1 });
    const subject = {
      executionId,
      generation: 1,
      target: 'temporal:default',
      fingerprint: fingerprintOf(handed.taskToken),
      preview: previewOf(handed.taskToken),
      length: handed.request.callbackToken.length,
      outcome: 'completed',
    };
    expect(events).toEqual([
      { kind: 'attempt', ...subject },
      { kind: 'verdict', ...subject, verdict: 'delivered', closed: true, durationMs: expect.any(Number) },
    ]);
  });

  test('a second delivery is a duplicate and sends nothing', async () => {
    const { deliver, events } = await waiting();
    await deliver();
    expect(await deliver()).toEqual({ verdict: 'duplicate', generation: 1, closed: true });
    expect(events.filter((event) => event.kind === 'attempt')).toHaveLength(1);
  });

  test('of five deliveries at once one is sent, and the others find the row closed', async () => {
    const { deliver, events, handle } = await waiting();
    const deliveries = await Promise.all(Array.from({ length: 5 }, deliver));
    expect(deliveries.map(({ verdict }) => verdict)).toEqual(['delivered', ...Array(4).fill('duplicate')]);
    expect(events.filter((event) => event.kind === 'attempt')).toHaveLength(1);
    await handle.result();
  });

  test('of five servers that deliver at once one is believed, and at rest the row says delivered', async () => {
    const first = await waiting();
    const { ledger, executionId, deliver, handle } = first;
    const servers = Array.from({ length: 4 }, () => openCallee(fixture, { ledger }));
    for (const { finals } of servers) finals.set(executionId, first.finals.get(executionId) as never);
    const others = servers.map(({ callee }) => callee.deliverer.deliver(executionId));
    const deliveries = await Promise.all([deliver(), ...others]);
    expect(deliveries.filter(({ verdict }) => verdict === 'delivered')).toHaveLength(1);
    expect(await ledger.find(executionId)).toMatchObject({ state: 'delivered' });
    expect(await deliver()).toMatchObject({ verdict: 'duplicate', closed: true });
    await handle.result();
  });

  test('a delivery that fails does not stop the one behind it', async () => {
    const { callee, admit, finals } = openCallee(fixture);
    const { handed, handle } = await fixture.call({ livenessTimeoutMs: 60_000 });
    await admit(handed);
    const executionId = executionOf(handed);
    const early = [callee.deliverer.deliver(executionId), callee.deliverer.deliver(executionId)];
    const missing = { status: 'rejected', reason: expect.objectContaining({ code: 'OUTCOME_MISSING' }) };
    expect(await Promise.allSettled(early)).toEqual([missing, missing]);
    finals.set(executionId, { completed: 'x' });
    expect(await callee.deliverer.deliver(executionId)).toMatchObject({ closed: true });
    expect(await handle.result()).toBe('x');
  });

  test('without a token there is nobody to tell', async () => {
    const { callee, ledger, clock } = openCallee(fixture);
    const executionId = 'aex_alone' as ExecutionId;
    const request = {
      principal: 'anonymous',
      bodySha256: 'body',
      onCallerGone: 'cancel',
      now: clock.now(),
    } as const;
    await ledger.admit({ ...request, executionId });
    expect(await callee.deliverer.deliver(executionId)).toEqual({
      verdict: 'skipped',
      generation: 0,
      closed: true,
    });
    expect(await ledger.find(executionId)).toMatchObject({ state: 'skipped' });
  });

  test('an unknown execution and a missing final are bugs with a code', async () => {
    const { callee, finals, executionId, deliver } = await waiting();
    finals.delete(executionId);
    await expect(deliver()).rejects.toMatchObject({ code: 'OUTCOME_MISSING' });
    const nobody = callee.deliverer.deliver('aex_nobody' as ExecutionId);
    await expect(nobody).rejects.toMatchObject({ code: 'EXECUTION_UNKNOWN' });
  });
});

describe('a caller whose attempt is over', () => {
  test('is told by the token of its next attempt', async () => {
    const { deliver, handle, admit, ledger, executionId } = await waiting(openCallee(fixture), 1_000);
    const second = await fixture.attempt(handle, 2);
    expect(await deliver()).toEqual({ verdict: 'unbound', generation: 1, closed: false });
    expect(await admit(second)).toMatchObject({ kind: 'rebound' });
    expect(await deliver()).toMatchObject({ verdict: 'delivered', generation: 2 });
    expect(await handle.result()).toEqual({ output: handle.workflowId });
    expect((await ledger.verdicts(executionId)).map(({ verdict }) => verdict)).toEqual([
      'unbound',
      'delivered',
    ]);
  });

  test('is told at once when the newer token comes while the older one is tried', async () => {
    class LateRebind extends InMemoryLedger {
      onSent: (() => Promise<unknown>) | undefined;
      override async recordSent(...args: Parameters<InMemoryLedger['recordSent']>): Promise<boolean> {
        const recorded = await super.recordSent(...args);
        await this.onSent?.();
        return recorded;
      }
    }
    const ledger = new LateRebind();
    const { deliver, handle, admit, events } = await waiting(openCallee(fixture, { ledger }), 1_000);
    const second = await fixture.attempt(handle, 2);
    ledger.onSent = () => admit(second);
    expect(await deliver()).toMatchObject({ verdict: 'delivered', generation: 2 });
    expect(events.map(({ kind, generation }) => `${kind} ${generation}`)).toEqual([
      'attempt 1',
      'attempt 2',
      'verdict 2',
    ]);
    await handle.result();
  });

  test('is gone when somebody else ended its activity', async () => {
    const { deliver, handed, executionId, ledger } = await waiting();
    await complete(handed);
    expect(await deliver()).toMatchObject({ verdict: 'caller_gone', closed: true });
    expect(await ledger.find(executionId)).toMatchObject({ state: 'caller_gone' });
  });

  test('is gone when its workflow was terminated', async () => {
    const { deliver, handle } = await waiting();
    await handle.terminate();
    expect(await deliver()).toMatchObject({ verdict: 'caller_gone', closed: true });
  });

  test('has the outcome when its own worker ended the activity after an answer with the end', async () => {
    const { deliver, handed, executionId, ledger, clock } = await waiting();
    await ledger.markFinishedAck(executionId, clock.now());
    await complete(handed);
    expect(await deliver()).toMatchObject({ verdict: 'collected', closed: true });
  });

  test('has the outcome when the answer to the completion was lost', async () => {
    const { deliver, handed, executionId, ledger, clock } = await waiting();
    // As after a crash between sending and recording: sent, taken, and nothing more is known.
    await ledger.recordSent(executionId, 1, clock.now());
    const claims = { ...callbackClaims(), taskToken: handed.taskToken };
    const token = { sealed: handed.request.callbackToken, claims };
    const target = temporalTarget(fixture);
    expect(await target.send(token, { completed: 1 }, { timeoutMs: 5_000 })).toEqual({ kind: 'ok' });
    expect(await deliver()).toMatchObject({ verdict: 'delivered', closed: true });
  });
});

describe('a caller that may not be asked about', () => {
  const unasked = () => openCallee(fixture, { targets: [temporalTarget(fixture, { mayAsk: false })] });

  test('is unbound until its grace is over, and gone after it', async () => {
    const { deliver, handed, clock, ledger, executionId } = await waiting(unasked());
    await complete(handed);
    const delivery = await deliver();
    expect(delivery).toMatchObject({ verdict: 'unbound', closed: false });
    const { graceMs = 0 } = (await ledger.find(executionId)) ?? {};
    expect(delivery.retryAfterMs).toBe(graceMs);
    clock.advance(graceMs - 1);
    expect(await deliver()).toMatchObject({ verdict: 'unbound', retryAfterMs: 1 });
    clock.advance(1);
    expect(await deliver()).toMatchObject({ verdict: 'caller_gone', closed: true });
    expect(await ledger.find(executionId)).toMatchObject({ state: 'caller_gone' });
  });

  test('is unconfirmed after the grace when the answer to an earlier completion was lost', async () => {
    const { deliver, handed, clock, ledger, executionId } = await waiting(unasked());
    // As after a crash between sending and recording: sent, taken, and nothing more is known.
    await ledger.recordSent(executionId, 1, clock.now());
    await complete(handed);
    clock.advance(1);
    expect(await deliver()).toMatchObject({ verdict: 'unbound' });
    clock.advance((await ledger.find(executionId))?.graceMs ?? 0);
    expect(await deliver()).toMatchObject({ verdict: 'unconfirmed', closed: true });
  });
});

describe('a completion that is not taken', () => {
  test('unreachable keeps the row open until the deadline, and is delivered once the target is back', async () => {
    let up = false;
    const target = new TemporalTarget({
      name: 'temporal:default',
      client: () => (up ? fixture.client : undefined),
      callee: 'callee',
    });
    const { deliver, handle, ledger, executionId, clock } = await waiting(
      openCallee(fixture, { targets: [target] }),
    );
    expect(await deliver()).toMatchObject({ verdict: 'unreachable', closed: false });
    expect(await ledger.find(executionId)).toMatchObject({ state: 'open', verdict: 'unreachable' });
    expect(await ledger.claimProbe(clock.now(), clock.now() + 1)).toMatchObject({ downSince: clock.now() });
    up = true;
    expect(await deliver()).toMatchObject({ verdict: 'delivered' });
    await handle.result();
  });

  test('unreachable past the deadline is an end', async () => {
    const target = new TemporalTarget({
      name: 'temporal:default',
      client: () => undefined,
      callee: 'callee',
    });
    const { deliver, clock } = await waiting(openCallee(fixture, { targets: [target] }));
    clock.advance(25 * 60 * 60_000);
    expect(await deliver()).toMatchObject({ verdict: 'unreachable', closed: true });
  });

  test('too large even so: oversize, and the caller still waits', async () => {
    const { deliver, finals, executionId, handed } = await waiting();
    finals.set(executionId, { completed: 'x'.repeat(3_000_000) });
    expect(await deliver()).toMatchObject({
      verdict: 'oversize',
      closed: true,
      detail: expect.stringContaining('3000'),
    });
    await complete(handed);
  });

  test('a token whose target no longer allows its activity type is denied and never sent', async () => {
    const open = openCallee(fixture);
    const { executionId, handed, finals } = await waiting(open);
    const target = new TemporalTarget({
      name: 'temporal:default',
      client: () => fixture.client,
      callee: 'callee',
      activityTypes: ['something/else'],
    });
    const narrowed = openCallee(fixture, { ledger: open.ledger, targets: [target] });
    narrowed.finals.set(executionId, finals.get(executionId) ?? { completed: null });
    const delivery = await narrowed.callee.deliverer.deliver(executionId);
    expect(delivery).toMatchObject({ verdict: 'denied', closed: true });
    expect(narrowed.events.map(({ kind }) => kind)).toEqual(['verdict']);
    await complete(handed);
  });
});

describe('delivering by token alone', () => {
  const outcome = { completed: 'by token' };

  async function deliverTwice(token: Uint8Array): Promise<readonly [Delivery, Delivery]> {
    const { deliverer } = openCallee(fixture).callee;
    const first = await deliverer.deliverToken({ callbackToken: token, outcome });
    const second = await deliverer.deliverToken({ callbackToken: token, outcome, triedBefore: true });
    return [first, second];
  }

  test('is taken once; what comes after it is unconfirmed, as there is no ledger to know', async () => {
    const { handle, handed } = await fixture.call();
    const [first, second] = await deliverTwice(handed.request.callbackToken);
    expect(first).toEqual({ verdict: 'delivered', generation: 0, closed: true });
    expect(second).toMatchObject({ verdict: 'unconfirmed', closed: true });
    expect(await handle.result()).toBe('by token');
  });

  test('an empty token is skipped, a broken one malformed', async () => {
    const empty = await deliverTwice(new Uint8Array());
    expect(empty.map(({ verdict }) => verdict)).toEqual(['skipped', 'skipped']);
    const [broken] = await deliverTwice(Buffer.from('garbage'));
    expect(broken).toMatchObject({
      verdict: 'malformed',
      closed: true,
      detail: expect.stringContaining('TOKEN_'),
    });
  });
});
