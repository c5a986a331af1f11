/** The embedded database against kill -9. Runs the build: a process of its own that can be killed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readMigrations } from '../../src/storage/migration-files.js';
import { readSeed } from '../../src/storage/seed.js';
import { untar } from '../../src/storage/untar.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const WRITER = fileURLToPath(new URL('./embedded-writer.mjs', import.meta.url));
const ROUNDS = 10;

const foundSchema = z.object({
  origin: z.string(),
  tenants: z.array(z.object({ id: z.string(), stores: z.number() })),
});
type Found = z.infer<typeof foundSchema>;

interface Round {
  /** What the writer found when it had opened the database; `undefined` when it was killed before. */
  readonly found: Found | undefined;
  /** What it was acknowledged. */
  readonly wrote: readonly string[];
  readonly complaints: string;
}

type Moment = 'once it makes the database folder' | 'once it has opened the database';

/** Runs the writer and kills it `afterMs` after the moment. */
async function runAndKill(dir: string, afterMs: number, moment: Moment): Promise<Round> {
  const writer = spawn(process.execPath, [WRITER, dir], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(writer, 'close');
  let found: Found | undefined;
  let complaints = '';
  const wrote: string[] = [];
  const opened = new Promise<void>((resolve) => {
    createInterface({ input: writer.stdout }).on('line', (line) => {
      const [word, rest] = [line.slice(0, 6), line.slice(6)];
      if (word === 'wrote ') wrote.push(rest);
      if (word === 'found ') found = foundSchema.parse(JSON.parse(rest));
      resolve();
    });
  });
  writer.stderr.on('data', (chunk) => {
    complaints += chunk;
  });
  const reached = moment === 'once it has opened the database' ? opened : databaseFolderIn(dir);
  await Promise.race([reached, ended]);
  await pause(afterMs);
  writer.kill('SIGKILL');
  await ended;
  return { found, wrote, complaints };
}

async function databaseFolderIn(dir: string): Promise<void> {
  const isThere = () => existsSync(dir) && readdirSync(dir).some((name) => name.startsWith('database'));
  while (!isThere()) await pause(1);
}

/**
 * Nothing that was acknowledged is lost, all there is is whole, and there is at most so much more: the one transaction that
 * was running when its process was killed.
 */
function expectKept(found: Found | undefined, acknowledged: Iterable<string>, atMostMore: number): void {
  const wanted = new Set(acknowledged);
  const present = new Set(found?.tenants.map(({ id }) => id));
  expect([...wanted].filter((id) => !present.has(id))).toEqual([]);
  expect(found?.tenants.filter(({ stores }) => stores !== 2)).toEqual([]);
  expect(present.size - wanted.size).toBeLessThanOrEqual(atMostMore);
}

async function filesOfSeed(): Promise<string[]> {
  const seed = await readSeed(await readMigrations());
  if (seed === undefined) throw new Error('The build has no seed of these migrations.');
  const folder = await temporaryFolder();
  await untar(gunzipSync(seed.bytes), folder);
  return readdir(folder, { recursive: true });
}

describe('the embedded database under kill -9', () => {
  beforeAll(() => {
    expect(
      existsSync(new URL('../../dist/storage/embedded.js', import.meta.url)),
      'run the build first',
    ).toBe(true);
  });

  it(`opens again each time and has every acknowledged row, ${ROUNDS} times on one folder`, async () => {
    const dir = join(await temporaryFolder(), 'data');
    const acknowledged = new Set<string>();
    for (let round = 0; round <= ROUNDS; round += 1) {
      const { found, wrote, complaints } = await runAndKill(
        dir,
        Math.random() * 500,
        'once it has opened the database',
      );
      expect(complaints).toBe('');
      expect(found?.origin === 'existing').toBe(round > 0);
      expectKept(found, acknowledged, 1);
      for (const { id } of found?.tenants ?? []) acknowledged.add(id);
      for (const id of wrote) acknowledged.add(id);
    }
    expect(acknowledged.size).toBeGreaterThan(ROUNDS);
  });

  it.each([0, 50, 150])(
    'leaves a whole database or none when a first start dies %i ms into it',
    async (afterMs) => {
      const dir = join(await temporaryFolder(), 'data');
      const first = await runAndKill(dir, afterMs, 'once it makes the database folder');
      expect(first.complaints).toBe('');
      const folder = join(dir, 'database');
      if (existsSync(folder)) {
        const present = new Set(await readdir(folder, { recursive: true }));
        expect((await filesOfSeed()).filter((name) => !present.has(name))).toEqual([]);
      }
      const second = await runAndKill(dir, 0, 'once it has opened the database');
      expect(second.complaints).toBe('');
      // It writes only once it has said what it found; on a busy machine it may come to that before it is killed.
      expectKept(second.found, first.wrote, first.found === undefined ? 0 : 1);
    },
  );
});
