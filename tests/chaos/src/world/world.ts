import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { startTestServer, type TestServer } from '@token-handshake/temporal-dev';
import {
  agent,
  callAgent,
  type System,
  startSystem,
  startTcpProxy,
  type TcpProxy,
  temporaryFolder,
  type WorkflowDocument,
} from '@token-handshake/test-kit';
import { sha256 } from '../agent/answer-text.ts';
import { journalFile } from '../agent/behave.ts';
import { startRunner } from '../agent/runner-process.ts';
import type { CallPlan } from '../plan/call-plan.ts';
import type { LinkName, Victim } from '../plan/fault-plan.ts';
import { JournalReader } from './journal-reader.ts';
import { LIMITS, serviceSettings } from './settings.ts';
import { type Crash, VictimProcess } from './victim-process.ts';

/** The whole system, with everything in reach that calls are driven and faults are done by. */
export interface World extends AsyncDisposable {
  readonly system: System;
  /**
   * For long polls. Nobody can end one that is between two tries, so its connection is left to the end of the process.
   */
  readonly waiting: Client;
  readonly links: Readonly<Record<LinkName, TcpProxy>>;
  readonly victims: Readonly<Record<Victim, VictimProcess>>;
  readonly journal: JournalReader;
  /** What every caller gives its agent, and nobody else may ever see. */
  readonly secret: string;
  /** The caller's document for a call. */
  documentOf(call: Pick<CallPlan, 'detach' | 'hurried'>): WorkflowDocument;
  /** Processes that ended by themselves. */
  readonly crashes: readonly Crash[];
}

/** Starts Temporal on a file, three proxies, both services as they are built, and the test's own runner. */
export async function startWorld(): Promise<World> {
  await using cleanup = new AsyncDisposableStack();
  const secret = `chaos-secret-${randomBytes(18).toString('hex')}`;
  const folder = cleanup.use(await temporaryFolder()).path;
  const temporal = cleanup.use(
    await startTestServer({ ignoreAddress: true, databaseFile: join(folder, 'temporal.db') }),
  );
  const links = {
    rpc: cleanup.use(await startTcpProxy()),
    stigmerToTemporal: cleanup.use(await startTcpProxy()),
    zigflowToTemporal: cleanup.use(await startTcpProxy()),
  };
  const documents = documentsOfCallers();
  const system = cleanup.use(
    await startSystem({
      temporal,
      entry: 'dist',
      agents: (files) => [
        agent({
          slug: 'chaos',
          runtime: {
            command: {
              // Its own definition is in the database: it is given only what the secret can be recognized by.
              argv: [
                process.execPath,
                join(import.meta.dirname, '../agent/program.ts'),
                files,
                sha256(secret),
              ],
              envAllow: ['CHAOS_SECRET'],
            },
          },
        }),
      ],
      workflows: [...documents.values()],
      through: links,
      env: serviceSettings(secret),
    }),
  );
  const { addresses, keys } = system.stack;
  const runnerOptions = {
    ...system.stack.temporal,
    folder: system.folder,
    stigmer: { address: addresses.stigmer, apiKey: keys.apiKeys.runner },
    secretSha256: sha256(secret),
  };
  let runner = await startRunner(runnerOptions);
  cleanup.defer(() => runner.stop());
  const crashes: Crash[] = [];
  const onCrash = (crash: Crash) => void crashes.push(crash);
  const victims = {
    stigmer: new VictimProcess(serviceProcess(system, 'stigmer'), onCrash),
    zigflow: new VictimProcess(serviceProcess(system, 'zigflow'), onCrash),
    temporal: new VictimProcess(temporalProcess(temporal), onCrash),
    runner: new VictimProcess(
      {
        name: 'the runner',
        pid: () => runner.pid,
        ended: () => runner.ended,
        signal: (signal) => runner.signal(signal),
        start: async () => {
          runner = await startRunner(runnerOptions);
        },
      },
      onCrash,
    ),
  };
  cleanup.defer(() => {
    for (const victim of Object.values(victims)) victim.dismiss();
  });
  const journal = cleanup.use(new JournalReader(journalFile(system.folder)));
  const resources = cleanup.move();
  const { address, namespace } = temporal;
  return {
    system,
    waiting: new Client({ connection: Connection.lazy({ address }), namespace }),
    links,
    victims,
    journal,
    secret,
    documentOf: (call) => documents.get(documentName(call)) as WorkflowDocument,
    crashes,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

type DocumentTraits = Pick<CallPlan, 'detach' | 'hurried'>;

function documentName({ detach, hurried }: DocumentTraits): string {
  return `chaos${detach ? '-detached' : ''}${hurried ? '-hurried' : ''}`;
}

function documentsOfCallers(): ReadonlyMap<string, WorkflowDocument> {
  const choices = [false, true];
  const all = choices.flatMap((detach) => choices.map((hurried) => ({ detach, hurried })));
  return new Map(all.map((traits) => [documentName(traits), newDocument(traits)]));
}

function newDocument({ detach, hurried }: DocumentTraits): WorkflowDocument {
  return callAgent({
    workflowType: documentName({ detach, hurried }),
    agent: 'chaos',
    liveness: `${LIMITS.livenessMs / 1_000}s`,
    result: `${(hurried ? LIMITS.hurriedResultMs : LIMITS.resultMs) / 1_000}s`,
    with: [
      'env: { CHAOS_SECRET: { value: "${ $env.CHAOS_SECRET }", secret: true } }',
      ...(detach ? ['onCallerGone: detach'] : []),
    ],
  });
}

function serviceProcess(system: System, name: 'stigmer' | 'zigflow') {
  const now = () => system.stack.service(name);
  return {
    name,
    pid: () => now().pid,
    ended: () => now().ended,
    signal: (signal: NodeJS.Signals) => now().signal(signal),
    // Temporal may be away for longer than anybody waits for a service to be ready.
    start: async () => void (await system.stack.start(name, 'live')),
  };
}

function temporalProcess(server: TestServer) {
  const pid = () => server.pid as number;
  return {
    name: 'Temporal',
    pid,
    ended: () => server.ended,
    signal: (signal: NodeJS.Signals) => void process.kill(pid(), signal),
    start: () => server.resume(),
  };
}
