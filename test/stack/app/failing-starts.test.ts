/** Starts that cannot succeed say what the operator can do, and leave the data as it is. */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AppConfig, openFoundation } from '../../../src/app/foundation.js';
import { readConfig } from '../../../src/app/read-config.js';
import { listenProblem } from '../../../src/app/system-problems.js';
import { createServer } from '../../../src/app.js';
import { AppError } from '../../../src/errors.js';
import { makeRingText } from '../../../src/tenancy/rings/key-ring.js';
import { suiteFolder, temporaryFolder } from '../../support/temporary-folder.js';

const log = pino({ level: 'silent' });
const upstream = { baseUrl: new URL('http://127.0.0.1:9'), sandboxStores: undefined, close: async () => {} };

const configFor = (dataDir: string): AppConfig =>
  readConfig({ NODE_ENV: 'test', PORT: '0', DATA_DIR: dataDir, ORDERDESK_API_URL: upstream.baseUrl.href });

/** Opens a folder and the server on it, tries the keys, and closes both. */
async function start(
  dataDir: string,
  work: (server: Awaited<ReturnType<typeof createServer>>) => Promise<unknown>,
) {
  const config = configFor(dataDir);
  const server = await createServer(await openFoundation(config, log), upstream, config, log);
  try {
    await work(server);
  } finally {
    await server.close();
  }
}

const nothing = async () => {};

describe('a data folder that cannot be used', () => {
  it('is named together with the reason and the setting', async () => {
    const folder = await temporaryFolder();
    const file = join(folder, 'file');
    await writeFile(file, '');
    for (const dataDir of [file, join(file, 'below')]) {
      const failed = openFoundation(configFor(dataDir), log);
      await expect(failed).rejects.toMatchObject({
        code: 'storage_unavailable',
        message: expect.stringMatching(/data folder .*file.* cannot be used: E(EXIST|NOTDIR)/),
        hint: expect.stringMatching(/DATA_DIR/),
      });
    }
  });
});

describe('keys that do not belong to the data', () => {
  let folder: Awaited<ReturnType<typeof suiteFolder>>;
  let secrets: string;
  let kms: string;
  let pepper: string;
  beforeAll(async () => {
    folder = await suiteFolder();
    secrets = join(folder.path, 'secrets');
    await start(folder.path, (server) => server.operations.createTenant.run({ name: 'first' }));
    kms = join(secrets, 'kms-key');
    pepper = join(secrets, 'key-pepper');
  });
  afterAll(() => folder?.remove());
  let saved: ReadonlyMap<string, string>;
  beforeEach(async ({ onTestFinished }) => {
    saved = new Map([
      [kms, await readFile(kms, 'utf8')],
      [pepper, await readFile(pepper, 'utf8')],
    ]);
    onTestFinished(async () => {
      for (const [path, text] of saved) {
        await rm(path, { force: true, recursive: true });
        await writeFile(path, text, { mode: 0o600 });
      }
    });
  });

  it.each(['kms-key', 'key-pepper'])(
    '%s missing: refused, and no new one is made in its place',
    async (name) => {
      await rm(join(secrets, name));
      await expect(start(folder.path, nothing)).rejects.toMatchObject({
        message: expect.stringContaining(`${name} is missing`),
        hint: expect.stringMatching(/backup/),
      });
      expect(await readdir(secrets)).not.toContain(name);
      // The lock is free again.
      expect(await readdir(folder.path)).not.toContain('lock.json');
    },
  );

  it.each([
    ['empty', ''],
    ['cut short', 'k1:AAAA'],
    ['something else', 'hello'],
  ])('%s: refused by the name of the file, without what is in it', async (_what, text) => {
    await writeFile(kms, text);
    const failure = await start(folder.path, nothing).catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ message: expect.stringMatching(/kms-key holds no key ring/) });
    expect(String(failure)).not.toMatch(/AAAA|hello/);
  });

  it('of another database: the start is refused, the data opens again with its own', async () => {
    for (const id of ['k1', 'k7']) {
      await writeFile(kms, makeRingText(id, randomBytes));
      await expect(start(folder.path, nothing)).rejects.toMatchObject({
        message: expect.stringMatching(/MCP_KMS_KEY does not open/),
      });
    }
    await writeFile(kms, saved.get(kms) ?? '');
    await start(folder.path, async (server) => {
      expect(await server.operations.listTenants.run({})).toMatchObject([{ name: 'first' }]);
    });
  });

  it('the same in both files: refused', async () => {
    await writeFile(pepper, (saved.get(kms) ?? '').replace('k1:', 'p1:'));
    await expect(start(folder.path, nothing)).rejects.toThrow(/the same key/);
  });

  it('a folder where a file should be: refused in words', async () => {
    await rm(kms);
    await mkdir(kms);
    await expect(start(folder.path, nothing)).rejects.toThrow(/cannot be used: EISDIR/);
  });
});

describe('an address that cannot be listened on', () => {
  it.each([
    ['EADDRINUSE', /in use.*PORT/],
    ['EACCES', /may not.*PORT/],
    ['EADDRNOTAVAIL', /no address of this machine.*MCP_HOST/],
    ['ENOTFOUND', /not known.*MCP_HOST/],
  ])('%s: the setting is named', (code, words) => {
    const failure = Object.assign(new Error('listen'), { code, syscall: 'listen' });
    const problem = listenProblem(failure, { host: '192.0.2.1', port: 80 });
    expect(problem).toBeInstanceOf(AppError);
    expect(String(problem)).toMatch(words);
    expect(String(problem)).toContain('192.0.2.1:80');
  });

  it('anything else stays what it is', () => {
    const fault = new TypeError('not a function');
    expect(listenProblem(fault, { host: 'localhost', port: 1 })).toBe(fault);
  });
});
