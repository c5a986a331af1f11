/** Servers of the build that make changes, each a process of its own: asked over its channel, and made to die. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineStep } from '../../../src/changes/engine-options.js';
import type { ChangeRequest, UndoRequest } from '../../../src/changes/port.js';
import type { Principal } from '../../../src/tenancy/principal.js';
import type { StoreEntry } from '../../../src/tenancy/stores.js';
import { projectRoot } from '../running-program.js';
import {
  type Refusal,
  Refused,
  type ToldAnswer,
  type ToldPage,
  toldAnswer,
  toldCount,
  toldPage,
} from './replica-told.js';

const PROGRAM = join(projectRoot, 'test/chaos/changes-killed-replica.mjs');

const STOPPED = /^State:\s*T/m;

export interface Shop {
  readonly principal: Principal;
  readonly store: StoreEntry;
}

/** A station of the engine, come to for the first or a later time: a change of several requests comes to some again. */
export interface Station {
  readonly step: EngineStep;
  readonly visit: number;
}

export interface ReplicaOptions {
  readonly databaseUrl: string;
  readonly ring: string;
  readonly orderDeskUrl: string;
  readonly leaseMs: number;
  /** How long a lease must be over before its sweeps come. */
  readonly graceMs: number;
  readonly gapMs: number;
  /** Dies once so many changes have come there. */
  readonly dieAt?: (Station & { readonly changes: number }) | undefined;
  /** Stands still once a change has come there, as on a host that is suspended, until `wake`. */
  readonly stopAt?: Station | undefined;
  /** What has to be left of its time for a write to begin, in milliseconds; half of the lease unless told. */
  readonly writeNeedsMs?: number | undefined;
}

export type Wish =
  | { readonly act: 'run'; readonly shop: Shop; readonly request: Omit<ChangeRequest, 'store'> }
  | { readonly act: 'undo'; readonly shop: Shop; readonly request: UndoRequest }
  | { readonly act: 'list'; readonly shop: Shop }
  /** What sweeps know of stores. */
  | { readonly act: 'meet'; readonly shops: readonly Shop[] }
  | { readonly act: 'sweep' };

type Call = Extract<Wish, { readonly act: 'run' | 'undo' }>;

interface Told {
  readonly id: number;
  readonly value?: unknown;
  readonly refusal?: Refusal;
}

export interface Replica {
  /** @throws Refused; Error when the process ends before it has answered */
  call(call: Call): Promise<ToldAnswer>;
  list(shop: Shop): Promise<ToldPage>;
  /** Sweeps look at the changes of shops that it has met. */
  meet(shops: readonly Shop[]): Promise<void>;
  sweep(): Promise<number>;
  /** Resolves with the signal that ended the process. */
  readonly ended: Promise<NodeJS.Signals | null>;
  /** Whether it stands still. */
  isStopped(): boolean;
  wake(): void;
  kill(): Promise<void>;
}

/** Needs `npm run build`. */
export async function startReplica(options: ReplicaOptions): Promise<Replica> {
  const child = fork(PROGRAM, [JSON.stringify(options)], { cwd: projectRoot, serialization: 'advanced' });
  const ended = once(child, 'exit').then(([, signal]): NodeJS.Signals | null => signal);
  const waiting = new Map<number, { resolve(value: unknown): void; reject(reason: Error): void }>();
  let asked = 0;
  void ended.then(() => {
    for (const { reject } of waiting.values()) reject(new Error('The process has ended.'));
  });
  await Promise.race([
    once(child, 'message'),
    ended.then(() => Promise.reject(new Error('It did not start.'))),
  ]);
  child.on('message', ({ id, value, refusal }: Told) => {
    const call = waiting.get(id);
    waiting.delete(id);
    if (refusal === undefined) call?.resolve(value);
    else call?.reject(new Refused(refusal));
  });
  const ask = (wish: Wish): Promise<unknown> =>
    new Promise((resolve, reject) => {
      asked += 1;
      waiting.set(asked, { resolve, reject });
      child.send({ id: asked, wish });
    });
  return {
    call: async (call) => toldAnswer.parse(await ask(call)),
    list: async (shop) => toldPage.parse(await ask({ act: 'list', shop })),
    async meet(shops) {
      await ask({ act: 'meet', shops });
    },
    sweep: async () => toldCount.parse(await ask({ act: 'sweep' })),
    ended,
    isStopped: () =>
      child.pid !== undefined && STOPPED.test(readFileSync(`/proc/${child.pid}/status`, 'utf8')),
    wake: () => void child.kill('SIGCONT'),
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
