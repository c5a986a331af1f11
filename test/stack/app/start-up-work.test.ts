import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { schemaConversions } from '../../../src/mcp/schema.js';
import { callTool } from '../../support/call-tool.js';
import { legacy, modern } from '../../support/mcp-messages.js';
import { startTestServer, type TestServer } from '../../support/test-server.js';

const STORE = { id: '601', apiKey: 'sandbox-key-601', name: 'Only store', timeZone: 'UTC', seed: 4 };

describe('after the start', () => {
  let server: TestServer;
  let key: string;
  beforeAll(async () => {
    server = await startTestServer({ stores: [STORE] });
    ({ key } = await server.addTenant('only', STORE.id));
  });
  afterAll(() => server.close());

  const list = async (message: ReturnType<typeof legacy>) => {
    const headers = { ...message.headers, authorization: `Bearer ${key}` };
    const response = await fetch(server.url, { method: 'POST', headers, body: JSON.stringify(message.body) });
    return response.text();
  };

  it('no schema is converted, whatever is listed or called', async () => {
    const before = schemaConversions();
    expect(before).toBeGreaterThan(0);
    const order = server.sandbox.store(STORE.id).orders()[0];
    for (const era of ['modern', 'legacy'] as const) {
      expect(await list((era === 'modern' ? modern : legacy)('tools/list'))).toContain('list_orders');
      await callTool(server.url, key, 'list_stores', {}, era);
      await callTool(server.url, key, 'get_store', {}, era);
      await callTool(server.url, key, 'list_orders', { limit: 5 }, era);
      await callTool(server.url, key, 'get_order', { order_id: order?.id }, era);
      await callTool(server.url, key, 'get_order', { nonsense: true }, era);
    }
    expect(schemaConversions()).toBe(before);
  });

  it('bcrypt runs once for a key, however often it is used', async () => {
    const { compares } = server.server.hasher;
    const { key: another } = await server.server.operations.createKey.run({
      tenant: 'only',
      name: 'often',
      role: 'agent',
    });
    await Promise.all(Array.from({ length: 20 }, () => callTool(server.url, another, 'list_stores')));
    await callTool(server.url, another, 'list_stores');
    expect(server.server.hasher.compares).toBe(compares + 1);
  });
});
