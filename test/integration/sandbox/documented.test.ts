/** The requests of docs/SANDBOX.md are answered well, sent as they stand there, in their order. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultSandboxStores, type Sandbox, startSandbox } from '../../../src/sandbox/index.js';

const PAGE = new URL('../../../docs/SANDBOX.md', import.meta.url);
const ADDRESS = 'http://127.0.0.1:4010/_sandbox';
const CURL = /^curl -s(?: -X (?<method>[A-Z]+))? (?<url>\S+)(?: -d '(?<body>.*)')?$/;

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ stores: defaultSandboxStores, admin: true });
});
afterAll(() => sandbox?.close());

describe('the page on the sandbox', () => {
  it('shows requests that do what it says', async () => {
    const page = await readFile(PAGE, 'utf8');
    const requests = page.split('\n').filter((line) => line.startsWith('curl '));
    expect(requests.length).toBeGreaterThan(10);
    const orderId = sandbox.store('10001').orders()[0]?.id ?? '';
    const adminUrl = sandbox.adminUrl?.replace(/\/$/, '') ?? '';
    for (const line of requests) {
      const { method = 'GET', url = '', body } = CURL.exec(line)?.groups ?? {};
      const answer = await fetch(url.replace(ADDRESS, adminUrl).replace('ORDER_ID', orderId), {
        method,
        ...(body === undefined ? {} : { body }),
      });
      expect({ line, ok: answer.ok }).toEqual({ line, ok: true });
    }
    expect(sandbox.store('10001').order(orderId)?.order_notes.at(-1)?.content).toBe('Call before delivery');
  });
});
