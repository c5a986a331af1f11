/** The product itself, with a real key: what a server without the suite's fixtures can pass, it must pass. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startKeyProxy } from '../support/key-proxy.js';
import { projectRoot } from '../support/running-program.js';
import { startTestServer, type TestServer } from '../support/test-server.js';
import { fixtureCatalogue } from './fixture-catalogue.js';
import { PRODUCT_BASELINE } from './product-baseline.js';
import { runSuite } from './suite.js';

const STORE = { id: '801', apiKey: 'sandbox-key-801', name: 'Conformance', timeZone: 'UTC', seed: 1 };

describe('the product behind a proxy that adds the key', () => {
  let server: TestServer;
  let proxy: Awaited<ReturnType<typeof startKeyProxy>>;
  beforeAll(async () => {
    server = await startTestServer({ stores: [STORE] });
    proxy = await startKeyProxy(server.url, (await server.addTenant('conformance', '801')).key);
  });
  afterAll(async () => {
    await proxy?.close();
    await server?.close();
  });

  it.each(['2026-07-28', '2025-11-25'] as const)(
    'fails exactly those checks of %s that ask for a fixture',
    async (revision) => {
      const outcome = await runSuite(proxy.url, revision);
      expect(outcome.failures, outcome.log).toEqual(PRODUCT_BASELINE[revision]);
    },
  );
});

describe('the production build', () => {
  it('contains no fixture tool', async () => {
    const files = (await readdir(join(projectRoot, 'dist'), { recursive: true })).filter((name) =>
      name.endsWith('.js'),
    );
    const text = (
      await Promise.all(files.map((name) => readFile(join(projectRoot, 'dist', name), 'utf8')))
    ).join('\n');
    expect(text).toContain('list_orders');
    for (const { name } of fixtureCatalogue.tools) expect(text).not.toContain(name);
  });
});
