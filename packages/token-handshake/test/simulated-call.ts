import type { BeatAnswer, Binding, Call, CompletionAnswer } from '../src/callee/index.ts';
import type { Resolution } from '../src/decision/index.ts';
import {
  type LedgerView,
  type Look,
  orphanOutcome,
  resolve,
  resolveBeat,
  resolveExpiry,
  settle,
  sweepSteps,
} from '../src/decision/index.ts';
import type { Outcome } from '../src/outcome.ts';
import { InMemoryLedger } from '../src/testing/in-memory-ledger.ts';
import { FakeActivity } from './fake-activity.ts';
import { attemptOf, createOf, EXP, GRACE_MS, id, LATE } from './simulated-create.ts';
import { type Beating, type Delivering, STATES, type Worker } from './simulated-parties.ts';
import { fault, own, type Step } from './simulated-step.ts';
import type { World } from './simulated-world.ts';

/**
 * One call with everything around it: the caller's Temporal, its workers, the network, the callee's database, two
 * deliverers and two relays in two processes that may die between any two steps. It decides by the rules of this
 * package, and remembers what it must never see.
 */
export class SimulatedCall {
  readonly activity = new FakeActivity();
  readonly ledger = new InMemoryLedger();
  final: Outcome | undefined;
  agentRuns = 0;
  readonly violations: string[] = [];
  readonly #world: World;
  readonly #workers: Worker[] = [];
  readonly #requests: number[] = [];
  readonly #answers: { readonly attempt: number; readonly final: Outcome | undefined }[] = [];
  readonly #deliverers: Delivering[] = [{ step: 'idle' }, { step: 'idle' }];
  readonly #relays: Beating[] = [{ step: 'idle' }, { step: 'idle' }];
  #workflow: keyof typeof STATES = 'none';
  #finishedAck = false;
  #answerLost = false;
  #now = 1;

  constructor(world: World) {
    this.#world = world;
  }

  call(): Promise<Call | undefined> {
    return this.ledger.find(id);
  }

  /** Everything that may happen now. */
  async steps(): Promise<Step[]> {
    const call = await this.call();
    const binding = await this.ledger.newestBinding(id);
    return [
      ...this.#temporalSteps(call, binding),
      ...this.#networkSteps(),
      ...this.#calleeSteps(call),
      ...this.#delivererSteps(call, binding),
      ...this.#relaySteps(call, binding),
    ];
  }

  #temporalSteps(call: Call | undefined, binding: Binding | undefined): Step[] {
    const { activity } = this;
    if (activity.state === 'closed') return [];
    const worker = this.#workers[activity.current];
    const steps: Step[] = [
      fault('caller cancelled', () => activity.cancel()),
      fault('caller terminated', () => activity.end()),
    ];
    if (activity.state === 'backing_off') {
      steps.push(
        own('attempt starts', () => {
          activity.start();
          this.#workers.push('handing_off');
        }),
      );
      return steps;
    }
    const beaten = call?.state === 'open' && binding !== undefined && activity.accepts(attemptOf(binding));
    const busy = worker === 'handing_off';
    steps.push(
      (beaten || busy ? fault : own)('heartbeat time-out', () => activity.timeOut()),
      fault('activity reset', () => activity.reset()),
    );
    return steps;
  }

  #networkSteps(): Step[] {
    const steps: Step[] = [];
    this.#workers.forEach((worker, attempt) => {
      if (worker !== 'handing_off') return;
      steps.push(
        fault(`worker ${attempt} dies`, () => {
          this.#workers[attempt] = 'dead';
        }),
      );
      if (this.#requests.includes(attempt) || this.#answers.some((answer) => answer.attempt === attempt))
        return;
      steps.push(own(`worker ${attempt} sends create`, () => void this.#requests.push(attempt)));
    });
    this.#requests.forEach((attempt, index) => {
      steps.push(
        own(`create ${attempt} arrives`, () => this.#admit(attempt, index)),
        fault(`create ${attempt} is lost`, () => void this.#requests.splice(index, 1)),
        fault(`create ${attempt} arrives twice`, () => this.#admit(attempt, undefined)),
      );
    });
    this.#answers.forEach(({ attempt, final }, index) => {
      steps.push(
        own(`answer ${attempt} arrives`, () => this.#acknowledge(attempt, final, index)),
        fault(`answer ${attempt} is lost`, () => void this.#answers.splice(index, 1)),
      );
    });
    return steps;
  }

  async #admit(attempt: number, index: number | undefined): Promise<void> {
    if (index !== undefined) this.#requests.splice(index, 1);
    const known = await this.ledger.newestBinding(id);
    await this.ledger.admit(createOf(attempt, this.activity.attempts[attempt]?.ord ?? 0, this.#now));
    const newest = await this.ledger.newestBinding(id);
    const ord = this.activity.attempts[attempt]?.ord ?? 0;
    if (newest?.ord !== Math.max(ord, known?.ord ?? 0)) this.violations.push('an older attempt took over');
    if (this.final) this.#finishedAck = true;
    this.#answers.push({ attempt, final: this.final });
  }

  #acknowledge(attempt: number, final: Outcome | undefined, index: number): void {
    this.#answers.splice(index, 1);
    if (this.#workers[attempt] !== 'handing_off') return;
    const ended = final && !this.#world.readsOnlyId;
    this.#workers[attempt] = ended ? 'dead' : 'waiting';
    if (ended) this.activity.complete(attempt, 'worker', final);
  }

  #calleeSteps(call: Call | undefined): Step[] {
    if (!call) return [];
    const steps: Step[] = [
      fault('process A dies', () => this.#crash(0)),
      fault('process B dies', () => this.#crash(1)),
      fault('callee’s clock passes the deadline', () => {
        this.#now = Math.max(this.#now, LATE);
      }),
    ];
    if (this.#workflow === 'none') steps.push(own('workflow starts', () => this.#start()));
    if (this.#workflow === 'running') {
      steps.push(
        (this.#world.endless ? fault : own)('agent ends', () => this.#end({ completed: 'answer' })),
        fault('runner reports its end early', () => this.#store({ completed: 'early' })),
        fault('agent fails', () =>
          this.#end({ failed: { type: 'Broken', message: 'no', details: [], retryable: false } }),
        ),
        fault('operator terminates the workflow', () => this.#becomes('terminated')),
        fault('Temporal loses the workflow', () => this.#becomes('lost')),
      );
      if (call.cancelCause)
        steps.push(own('workflow is cancelled', () => this.#end({ cancelled: call.cancelCause ?? null })));
    }
    if (this.#workflow === 'lost')
      steps.push(fault('the lost workflow is there again', () => this.#becomes('running')));
    if (!this.final) steps.push(fault('cancel by API', () => this.#cancel('api')));
    return [...steps, ...this.#sweepSteps(call)];
  }

  /** Delivering and repeated signals are left out: the deliverers may run at any time. */
  #sweepSteps(call: Call): Step[] {
    const steps = sweepSteps({
      open: call.state === 'open',
      hasFinal: this.final !== undefined,
      workflow: STATES[this.#workflow],
      started: call.startedAt !== undefined,
      ageMs: 0,
      retention: 'none',
      absenceConfirmed: true,
      cancelDue: false,
      pastDeadline: this.#now >= LATE,
    });
    return steps.flatMap((step) => {
      if (step.kind === 'expire') return own('sweep looks at the deadline', () => this.#expire(call));
      if (step.kind !== 'end') return [];
      return own(`sweep stores the end: ${step.end}`, () => this.#store(orphanOutcome(step.end, call)));
    });
  }

  #delivererSteps(call: Call | undefined, binding: Binding | undefined): Step[] {
    return this.#deliverers.flatMap((now, j): Step[] => {
      const set = (next: Delivering) => {
        this.#deliverers[j] = next;
      };
      const { final } = this;
      if (now.step === 'idle') {
        if (!final || call?.state !== 'open' || !binding) return [];
        const read = {
          attempt: attemptOf(binding),
          generation: call.generation,
          answerLost: this.#answerLost,
        };
        return [
          own(`deliverer ${j} reads`, async () => {
            if (await this.ledger.recordSent(id, read.generation, this.#now)) set({ step: 'read', ...read });
          }),
        ];
      }
      if (now.step === 'read' && final) {
        const send = () => this.activity.complete(now.attempt, 'us', final);
        const { generation, answerLost } = now;
        const lost: CompletionAnswer = { kind: 'unreachable', detail: 'the answer was lost' };
        return [
          own(`deliverer ${j} completes`, () =>
            set({ step: 'answered', generation, answerLost, answer: send() }),
          ),
          fault(`deliverer ${j} completes, answer lost`, () => {
            send();
            this.#answerLost = true;
            set({ step: 'answered', generation, answerLost, answer: lost });
          }),
        ];
      }
      if (now.step !== 'answered') return [];
      return [
        own(`deliverer ${j} records`, async () => {
          set({ step: 'idle' });
          const view = await this.#view(now.generation, now.answerLost || this.#answerLost);
          if (view) await this.#record(resolve(now.answer, view, this.#look()));
        }),
      ];
    });
  }

  #relaySteps(call: Call | undefined, binding: Binding | undefined): Step[] {
    return this.#relays.flatMap((now, r): Step[] => {
      const set = (next: Beating) => {
        this.#relays[r] = next;
      };
      if (now.step === 'idle') {
        if (call?.state !== 'open' || !binding) return [];
        return [
          own(`relay ${r} beats`, () =>
            set({ step: 'answered', generation: call.generation, answer: this.#beat(binding) }),
          ),
        ];
      }
      return [
        own(`relay ${r} acts`, async () => {
          set({ step: 'idle' });
          const view = await this.#view(now.generation, this.#answerLost);
          if (!view) return;
          const decision = resolveBeat(now.answer, view, this.#look());
          if (decision.kind === 'cancel') await this.#cancel('caller');
          if (decision.kind === 'resolved') await this.#record(decision.resolution);
        }),
      ];
    });
  }

  #beat(binding: Binding): BeatAnswer {
    if (!this.activity.accepts(attemptOf(binding))) return { kind: 'not_found' };
    return { kind: this.activity.cancelRequested ? 'cancel_requested' : 'ok' };
  }

  #crash(process: 0 | 1): void {
    this.#relays[process] = { step: 'idle' };
    const deliverer = this.#deliverers[1 - process];
    // It died between sending and recording, or may have: nobody will ever know the answer.
    if (deliverer?.step === 'answered' || deliverer?.step === 'read') this.#answerLost = true;
    this.#deliverers[1 - process] = { step: 'idle' };
  }

  async #start(): Promise<void> {
    await this.ledger.markStarted(id, this.#now);
    this.agentRuns++;
    this.#workflow = 'running';
  }

  #becomes(workflow: keyof typeof STATES): void {
    this.#workflow = workflow;
  }

  #end(outcome: Outcome): void {
    this.#workflow = 'ended';
    this.#store(outcome);
  }

  #store(candidate: Outcome): void {
    const { final } = settle(this.final, candidate);
    if (this.final && final !== this.final) this.violations.push('a final was replaced');
    this.final = final;
  }

  async #cancel(cause: 'api' | 'caller' | 'gone'): Promise<void> {
    await this.ledger.requestCancel(id, cause, this.#now);
  }

  async #expire(call: Call): Promise<void> {
    const view = await this.#view(call.generation, this.#answerLost);
    if (view) await this.#record(resolveExpiry(view, this.#look()));
  }

  /** Writes a resolution by compare-and-set; a caller that is gone takes its run with it. */
  async #record({ verdict, generation, effect }: Resolution): Promise<void> {
    if (effect.kind === 'none') return;
    const written = await this.ledger.recordVerdict(id, { generation, at: this.#now, verdict }, effect);
    // An OK that came for a binding that is no longer the newest is not written: as good as lost.
    if (!written && verdict === 'delivered') this.#answerLost = true;
    if (!written || effect.kind !== 'close') return;
    const { by, outcome } = this.activity.closed ?? {};
    if (effect.state === 'delivered' && by !== 'us')
      this.violations.push('delivered without the caller having it');
    if (effect.state === 'collected' && by !== 'worker') this.violations.push('collected by nobody');
    const knows = this.#world.asking || (!this.#world.shortGrace && this.#now < LATE);
    // Without asking, a result that a worker collected looks like a caller that is gone.
    const taken = by === undefined || by === 'us' || (by === 'worker' && this.#world.asking);
    if (knows && effect.state === 'caller_gone' && taken) this.violations.push('a caller was taken for gone');
    if (outcome && outcome !== this.final)
      this.violations.push('the caller has another outcome than is stored');
    if (effect.state === 'caller_gone' || effect.state === 'expired') await this.#cancel('gone');
  }

  async #view(triedGeneration: number, answerLost: boolean): Promise<LedgerView | undefined> {
    const call = await this.call();
    if (!call) return undefined;
    if (call.unboundSince !== undefined && this.#graceMayPass()) this.#now += GRACE_MS;
    const { generation, state, unboundSince } = call;
    const now = this.#now;
    return {
      triedGeneration,
      generation,
      state,
      now,
      exp: EXP,
      graceMs: GRACE_MS,
      unboundSince,
      answerLost,
      finishedAck: this.#finishedAck,
    };
  }

  /** A grace that is long enough outlasts a caller between attempts, and a deliverer that holds an answer. */
  #graceMayPass(): boolean {
    const held = this.#deliverers.some(({ step }) => step === 'answered');
    return this.#world.shortGrace || (this.activity.state === 'closed' && !held);
  }

  #look(): Look {
    return this.#world.asking ? this.activity.look() : { kind: 'asking_not_allowed' };
  }
}
