import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeDemoTenant } from '../../../src/demo/first-run.js';
import { replacePrivate } from '../../../src/demo/secrets.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { startTestServer, type TestServer } from '../../support/test-server.js';

const STORES = [
  { id: '641', apiKey: 'sandbox-key-641', name: 'One', timeZone: 'UTC', seed: 1, orderCount: 60 },
  { id: '642', apiKey: 'sandbox-key-642', name: 'Two', timeZone: 'UTC', seed: 2, orderCount: 60 },
] as const;

describe('the demo tenant', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ stores: STORES });
  });
  afterAll(() => server.close());

  it('is finished by the next start when the first was cut short, and made once', async () => {
    const { operations } = server.server;
    await operations.createTenant.run({ name: 'demo' });
    await operations.addStore.run({ tenant: 'demo', orderDeskStoreId: '641', apiKey: STORES[0].apiKey });
    expect(await makeDemoTenant(operations, STORES)).toMatch(/^odm_/);
    expect(await operations.listStores.run({ tenant: 'demo' })).toHaveLength(2);
    expect(await makeDemoTenant(operations, STORES)).toBeUndefined();
    expect(await operations.listKeys.run({ tenant: 'demo' })).toHaveLength(1);
  });
});

describe('a private file', () => {
  it('takes the place of an older one, readable by its owner only', async () => {
    const folder = join(await temporaryFolder(), 'secrets');
    await mkdir(folder);
    const path = join(folder, 'demo-key');
    await writeFile(path, 'of a database that is gone', { mode: 0o644 });
    await replacePrivate(path, 'new');
    expect(await readFile(path, 'utf8')).toBe('new');
    expect(((await stat(path)).mode & 0o777).toString(8)).toBe('600');
  });
});
