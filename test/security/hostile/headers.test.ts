/** Authorization headers that one parser may read differently from another, and headers without end. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../../support/test-server.js';
import { sendLines, WIDE_LIMITS } from './wire.js';

const STORES = [
  { id: '701', apiKey: 'sandbox-key-701', name: 'First store', timeZone: 'UTC', seed: 1 },
] as const;

let server: TestServer;
let key: string;
beforeAll(async () => {
  server = await startTestServer({ stores: STORES, env: WIDE_LIMITS });
  ({ key } = await server.addTenant('first', '701'));
});
afterAll(() => server?.close());

const send = (...lines: string[]) =>
  sendLines(
    server.url,
    lines.map((line) => line.replaceAll('KEY', key)),
  );
const isWell = async () => expect((await send('Authorization: Bearer KEY')).status).toBe(200);

describe('an Authorization header', () => {
  it('may have the spaces and tabs around its value that HTTP allows', async () => {
    expect((await send('authorization:Bearer KEY')).status).toBe(200);
    expect((await send('Authorization: \t Bearer KEY \t ')).status).toBe(200);
  });

  it.each([
    ['two spaces', 'Authorization: Bearer  KEY'],
    ['a tab', 'Authorization: Bearer\tKEY'],
    ['a no-break space', 'Authorization: Bearer\u00a0KEY'],
    ['no space', 'Authorization: BearerKEY'],
    ['a colon', 'Authorization: Bearer: KEY'],
    ['an equals sign', 'Authorization: Bearer=KEY'],
    ['quotes', 'Authorization: Bearer "KEY"'],
    ['a scheme too many', 'Authorization: Bearer Bearer KEY'],
    ['a parameter', 'Authorization: Bearer KEY, realm=x'],
    ['a second key', 'Authorization: Bearer KEY, Bearer KEY'],
    ['a soft hyphen', 'Authorization: Bearer KEY\u00ad'],
    ['the key alone', 'Authorization: KEY'],
    ['another scheme', 'Authorization: Token KEY'],
  ])('with %s is refused', async (_what, line) => {
    expect((await send(line)).status).toBe(401);
  });

  it.each([
    ['folded over two lines', 'Authorization: Bearer\r\n KEY'],
    ['folded after its name', 'Authorization:\r\n Bearer KEY'],
    ['folded in the key', 'Authorization: Bearer KEY\r\n\tx'],
    ['with a space before its colon', 'Authorization : Bearer KEY'],
    ['ended by a line feed alone', 'Authorization: Bearer KEY\nX-Other: 1'],
    ['with a carriage return in it', 'Authorization: Bearer KEY\rX-Other: 1'],
    ['with a null character', 'Authorization: Bearer KEY\u0000'],
    ['with a vertical tab', 'Authorization: Bearer\u000bKEY'],
    ['with a delete character', 'Authorization: Bearer KEY\u007f'],
  ])('%s lets nobody in', async (_what, line) => {
    const { status, text } = await send(line);
    expect([400, 401]).toContain(status);
    expect(text).not.toContain(key);
    await isWell();
  });

  it.each([
    ['the good one first', ['Authorization: Bearer KEY', 'Authorization: Bearer other']],
    ['the good one last', ['Authorization: Bearer other', 'Authorization: Bearer KEY']],
    ['names in other letters', ['AUTHORIZATION: Bearer KEY', 'authorization: Bearer KEY']],
    ['an empty one', ['Authorization:', 'Authorization: Bearer KEY']],
  ])('given twice is refused: %s', async (_what, lines) => {
    const { status, text } = await send(...lines);
    expect(status).toBe(400);
    expect(text).toContain('exactly one Authorization header');
  });
});

describe('a request head', () => {
  it.each([
    ['one header of 100 kB', [`X-Long: ${'x'.repeat(100_000)}`]],
    ['an Authorization of 100 kB', [`Authorization: Bearer ${'x'.repeat(100_000)}`]],
    ['100 kB in many headers', Array.from({ length: 2_000 }, (_, i) => `X-Many-${i}: ${'x'.repeat(40)}`)],
  ])('with %s is answered 431 and its connection closed; the server lives', async (_what, lines) => {
    // `sendLines` returns only when the server has closed the connection.
    const { status } = await send(...lines, 'Connection: keep-alive');
    expect(status).toBe(431);
    await isWell();
  });

  it.each([
    ['two lengths', ['Content-Length: 5']],
    ['a length and chunks', ['Transfer-Encoding: chunked']],
    ['a coding that nobody knows', ['Transfer-Encoding: cow']],
  ])('with %s, as request smuggling uses, is refused', async (_what, lines) => {
    expect((await send('Authorization: Bearer KEY', ...lines)).status).toBe(400);
    await isWell();
  });
});
