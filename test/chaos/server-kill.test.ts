/** The server itself, killed in the middle of writes to its embedded database, ten times on one data folder. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { callAdminSocket } from '../../src/storage/admin-socket.js';
import { type RunningProgram, startProgram } from '../support/running-program.js';
import { suiteFolder } from '../support/temporary-folder.js';

const ROUNDS = 10;
const tenants = z.array(z.object({ name: z.string() }));

let folder: Awaited<ReturnType<typeof suiteFolder>>;
beforeAll(async () => {
  folder = await suiteFolder();
});
afterAll(() => folder?.remove());

/** Creates tenants one after the other until the server is gone; the names that were acknowledged. */
async function writeUntilKilled(program: RunningProgram, round: number, acknowledgements: number) {
  const acknowledged: string[] = [];
  for (let count = 0; ; count += 1) {
    const name = `round ${round} tenant ${count}`;
    const write = callAdminSocket(join(folder.path, 'admin.sock'), 'createTenant', { name });
    // The next write is on its way when the signal comes.
    if (count === acknowledgements) program.process.kill('SIGKILL');
    try {
      await write;
    } catch {
      return acknowledged;
    }
    acknowledged.push(name);
  }
}

it('loses no acknowledged row, and starts again each time', async () => {
  const acknowledged: string[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const program = await startProgram(folder.path);
    const listed = await callAdminSocket(join(folder.path, 'admin.sock'), 'listTenants', {});
    const names = new Set(tenants.parse(listed).map(({ name }) => name));
    expect(acknowledged.filter((name) => !names.has(name))).toEqual([]);
    if (round === ROUNDS) {
      expect(await program.stop()).toBe(0);
      break;
    }
    acknowledged.push(...(await writeUntilKilled(program, round, 1 + ((round * 7) % 11))));
    expect(await program.stop('SIGKILL')).toBeNull();
  }
  expect(acknowledged.length).toBeGreaterThan(ROUNDS * 2);
});
