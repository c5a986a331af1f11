/** What `npm start` does on a data folder: the first start, further starts, a second process, signals. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callTool } from '../support/call-tool.js';
import { type RunningProgram, runCommand, startProgram } from '../support/running-program.js';
import { suiteFolder } from '../support/temporary-folder.js';

const mode = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);

describe('a start without configuration', () => {
  let folder: Awaited<ReturnType<typeof suiteFolder>>;
  let program: RunningProgram;
  let key: string;
  beforeAll(async () => {
    folder = await suiteFolder();
    program = await startProgram(folder.path);
    key = (await readFile(program.keyFile ?? '', 'utf8')).trim();
  });
  afterAll(async () => {
    await program?.stop();
    await folder?.remove();
  });

  it('makes ring, pepper and key in files that only their owner can read', async () => {
    const secrets = join(folder.path, 'secrets');
    expect(await mode(secrets)).toBe('700');
    for (const name of ['kms-key', 'key-pepper', 'demo-key']) {
      expect(await mode(join(secrets, name))).toBe('600');
    }
    expect(await mode(join(folder.path, 'admin.sock'))).toBe('600');
  });

  it('shows lines for four clients, and the key nowhere but in its file', () => {
    const { stdout, stderr } = program.output();
    for (const words of [
      'claude mcp add',
      'code --add-mcp',
      'mcpServers',
      'modelcontextprotocol/inspector',
    ]) {
      expect(stderr).toContain(words);
    }
    expect(stderr).toContain(program.url);
    expect(stderr).toContain(program.keyFile);
    expect(stdout + stderr).not.toContain(key);
  });

  it('answers probes and shows metrics on loopback', async () => {
    const get = async (path: string) => {
      const response = await fetch(new URL(path, program.url));
      return { status: response.status, text: await response.text() };
    };
    expect(await get('/health')).toMatchObject({
      status: 200,
      text: expect.stringContaining('"status":"ok"'),
    });
    expect(await get('/health/live')).toEqual({ status: 200, text: '{"status":"live"}' });
    const ready = '{"status":"ready","limits":"local","degraded":[]}';
    expect(await get('/health/ready')).toEqual({ status: 200, text: ready });
    await callTool(program.url, key, 'list_stores');
    const metrics = await get('/metrics');
    expect(metrics.text).toMatch(/^mcp_tool_calls_total\{tool="list_stores",outcome="ok"\} [1-9]/m);
    expect(metrics.text).toMatch(/^orderdesk_api_calls_total\{route="GET \/store",outcome="ok"\} [1-9]/m);
    expect(metrics.text).toMatch(/^auth_attempts_total\{outcome="accepted"\} [1-9]/m);
  });

  it('refuses a second process on the folder, naming the first', async () => {
    const second = await runCommand(['start'], { dataDir: folder.path, env: { PORT: '0' } });
    expect(second.code).toBe(1);
    expect(second.stderr).toContain(`in use by process ${program.process.pid}`);
    expect(second.stderr).toContain('DATA_DIR');
  });

  it('refuses a port that is taken, naming the setting', async () => {
    const other = await suiteFolder();
    const { port } = new URL(program.url);
    const second = await runCommand(['start'], { dataDir: other.path, env: { PORT: port } });
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(/in use.*PORT/);
    // Nothing was given away: the next start makes the key.
    const third = await startProgram(other.path);
    expect(third.keyFile).toBeDefined();
    await third.stop();
    await other.remove();
  });

  it('ends with 0 on SIGTERM, keeps its data, and gives no second key', async () => {
    expect(await program.stop()).toBe(0);
    expect(program.output().stdout).toContain('"msg":"stopped"');
    program = await startProgram(folder.path);
    expect(program.keyFile).toBeUndefined();
    const answer = await callTool(program.url, key, 'list_orders', { limit: 1 });
    expect(answer.result?.structuredContent).toMatchObject({ returned: 1 });
  });
});

describe('a start with Order Desk itself', () => {
  it('says how to make tenant, store and key, and promises no key', async () => {
    const folder = await suiteFolder();
    const program = await startProgram(folder.path, { ORDERDESK_API_URL: 'http://127.0.0.1:9/api/v2' });
    expect(program.keyFile).toBeUndefined();
    const { stderr } = program.output();
    expect(stderr).toMatch(/tenant create, store add, key create/);
    expect(stderr).not.toMatch(/demo|simulation/);
    await program.stop();
    await folder.remove();
  });
});

describe('a start with a wrong configuration', () => {
  it('names every problem at once and shows no value', async () => {
    const folder = await suiteFolder();
    const outcome = await runCommand(['start'], {
      dataDir: folder.path,
      env: { PORT: 'eighty', MCP_KMS_KEY: 'k1:c2hvcnQ=', ALLOW_EMBEDED: '1', CACHE_TTL_ORDERS: '-5' },
    });
    expect(outcome.code).toBe(1);
    for (const name of ['PORT', 'MCP_KMS_KEY', 'ALLOW_EMBEDED', 'CACHE_TTL_ORDERS']) {
      expect(outcome.stderr).toContain(name);
    }
    expect(outcome.stderr).toContain('ALLOW_EMBEDDED');
    expect(outcome.stderr).not.toMatch(/eighty|c2hvcnQ/);
    await folder.remove();
  });

  it('refuses production on the embedded database without the overrides', async () => {
    const folder = await suiteFolder();
    const outcome = await runCommand(['start'], { dataDir: folder.path, env: { NODE_ENV: 'production' } });
    expect(outcome.code).toBe(1);
    for (const name of ['ALLOW_EMBEDDED', 'ALLOW_NO_REDIS', 'MCP_KMS_KEY', 'MCP_KEY_PEPPER', 'PUBLIC_URL']) {
      expect(outcome.stderr).toContain(name);
    }
    await folder.remove();
  });
});
