import { expect } from 'vitest';
import type { SandboxOptions, SandboxSwitches } from '../../../../src/sandbox/index.js';
import type { Given } from '../writing.js';

/** @param start opens the store with the switch in the position that is checked */
export type Check = (start: (options?: Partial<SandboxOptions>) => Promise<Given>) => Promise<void>;

/** A check for every position of every switch named: a position without one does not compile. */
export type Positions<Name extends keyof SandboxSwitches> = {
  readonly [N in Name]: { readonly [P in `${SandboxSwitches[N]}`]: Check };
};

/** A query finds these orders. */
export const finds =
  (query: string, expected: readonly string[]): Check =>
  async (start) => {
    const { ids } = await start();
    expect(await ids(query)).toEqual(expected);
  };

/** A path is answered so. */
export const answers =
  (path: string, status: number, body: object): Check =>
  async (start) => {
    const seen = await (await start()).get(path);
    expect(seen.status).toBe(status);
    expect(seen.body).toMatchObject(body);
  };

/** A write is answered so. */
export const replies =
  (method: string, path: string, sent: unknown, status: number, body: object): Check =>
  async (start) => {
    const seen = await (await start()).send(method, path, sent);
    expect(seen.status).toBe(status);
    expect(seen.body).toMatchObject(body);
  };
