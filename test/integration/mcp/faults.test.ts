import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Catalogue } from '../../../src/mcp/catalogue.js';
import { type BareServer, startBareServer } from '../../support/bare-server.js';
import { legacy, modern } from '../../support/mcp-messages.js';

const SECRET = 'connect ECONNREFUSED db.internal.example:5432 as Ada Lovelace';

const fail = async () => {
  throw new TypeError(SECRET);
};

const catalogue: Catalogue = {
  serverInfo: { name: 'test', version: '0' },
  instructions: '',
  tools: [],
  prompts: [{ name: 'broken', description: 'fails', get: fail }],
  resources: [{ uri: 'test://broken', name: 'broken', mimeType: 'text/plain', read: fail }],
};

describe('a fault of ours outside of tools', () => {
  let server: BareServer;
  beforeAll(async () => {
    server = await startBareServer(catalogue);
  });
  afterAll(() => server.close());

  it.each([
    ['2026-07-28', modern],
    ['2025-11-25', legacy],
  ] as const)('says under %s where to look and nothing of what was thrown', async (_revision, message) => {
    for (const request of [
      message('prompts/get', { name: 'broken' }),
      message('resources/read', { uri: 'test://broken' }),
    ]) {
      const before = server.faults.length;
      const response = await fetch(server.url, {
        method: 'POST',
        headers: request.headers,
        body: JSON.stringify(request.body),
      });
      const text = await response.text();
      expect(text).not.toMatch(/ECONNREFUSED|Ada/);
      const requestId = response.headers.get('x-request-id');
      expect(JSON.parse(text).error).toMatchObject({
        code: -32603,
        message: expect.stringMatching(/request id/),
        data: { code: 'internal', request_id: requestId },
      });
      expect(server.faults.slice(before)).toEqual([{ message: SECRET, requestId }]);
    }
  });
});
