/** What a list costs a model, over the made-up data of the demo. Tokens are characters / 4. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultSandboxStores } from '../../../src/sandbox/index.js';
import { callTool } from '../../support/call-tool.js';
import { startTestServer, type TestServer } from '../../support/test-server.js';

const ROW = 150;
const PAGE = 4_000;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ stores: defaultSandboxStores });
});
afterAll(() => server?.close());

describe.each(defaultSandboxStores)('$name', ({ id, name }) => {
  it(`has rows of at most ${ROW} tokens on average, and default pages of at most ${PAGE}`, async () => {
    const { key } = await server.addTenant(`tenant ${id}`, id);
    const rows: number[] = [];
    const pages: number[] = [];
    for (let cursor: unknown = undefined; cursor !== null; ) {
      const { result } = await callTool(
        server.url,
        key,
        'list_orders',
        cursor === undefined ? {} : { cursor },
      );
      const data = result?.structuredContent;
      if (data === undefined || !Array.isArray(data.rows)) throw new Error('no page');
      rows.push(...data.rows.map((row) => JSON.stringify(row).length / 4));
      pages.push(textOf(result).length / 4);
      cursor = data.next_cursor;
    }
    const mean = rows.reduce((sum, size) => sum + size, 0) / rows.length;
    const largest = Math.max(...pages);
    process.stdout.write(
      `  ${name}: ${rows.length} rows of ${mean.toFixed(1)} tokens on average, ${Math.max(...rows)} at most; ${pages.length} pages of ${largest} at most\n`,
    );
    expect(rows.length).toBeGreaterThan(1_000);
    expect(mean).toBeLessThanOrEqual(ROW);
    expect(largest).toBeLessThanOrEqual(PAGE);
  });
});

function textOf(result: object | undefined): string {
  const content = result !== undefined && 'content' in result ? result.content : undefined;
  const block: unknown = Array.isArray(content) ? content[0] : undefined;
  if (typeof block !== 'object' || block === null || !('text' in block) || typeof block.text !== 'string') {
    throw new Error('no text');
  }
  return block.text;
}
