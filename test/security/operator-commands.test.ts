/** The life of tenants, keys and rings by commands, while the server runs. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callTool } from '../support/call-tool.js';
import { type RunningProgram, runCommand, startProgram } from '../support/running-program.js';
import { suiteFolder } from '../support/temporary-folder.js';

describe('commands', () => {
  let folder: Awaited<ReturnType<typeof suiteFolder>>;
  let program: RunningProgram;
  beforeAll(async () => {
    folder = await suiteFolder();
    program = await startProgram(folder.path);
    await run(['tenant', 'create', 'Acme']);
  });
  afterAll(async () => {
    await program?.stop();
    await folder?.remove();
  });

  const run = (args: string[]) => runCommand(args, { dataDir: folder.path });
  const json = async (args: string[]) => {
    const outcome = await run([...args, '--json']);
    expect(outcome.code, outcome.stderr).toBe(0);
    return JSON.parse(outcome.stdout);
  };
  const expectStatus = async (key: string, status: number) =>
    expect((await callTool(program.url, key, 'list_stores')).status).toBe(status);

  it('rotate a key: the new text alone on standard output, both hold', async () => {
    const old = (await run(['key', 'create', '--tenant', 'acme', '--name', 'bot'])).stdout.trim();
    const rotated = await run(['key', 'rotate', old.slice(4, 14), '--overlap', '1h']);
    expect(rotated.code, rotated.stderr).toBe(0);
    const next = rotated.stdout.trim();
    expect(next).toMatch(/^odm_[0-9A-Za-z]{10}_[0-9A-Za-z]{38}$/);
    expect(rotated.stderr).toContain(`replaces: ${old.slice(4, 14)}`);
    expect(rotated.stderr).not.toContain(next.slice(15));
    for (const key of [old, next]) await expectStatus(key, 200);
  });

  it('rename a key and set its end', async () => {
    const { kid } = await json(['key', 'create', '--tenant', 'acme', '--name', 'temporary']);
    expect(await json(['key', 'rename', kid, 'permanent'])).toEqual({ kid, name: 'permanent' });
    expect(await json(['key', 'expire', kid, '--at', '2999-01-01T00:00:00Z'])).toMatchObject({ kid });
    const listed = await json(['key', 'list', '--tenant', 'acme']);
    expect(listed).toContainEqual(
      expect.objectContaining({ kid, name: 'permanent', expiresAt: '2999-01-01T00:00:00.000Z' }),
    );
    const past = await run(['key', 'expire', kid, '--at', '2001-01-01T00:00:00Z']);
    expect(past).toMatchObject({ code: 1, stdout: '' });
    expect(past.stderr).toMatch(/^at: .*key revoke/);
  });

  it('suspend, resume and rename a tenant', async () => {
    const { key } = await json(['key', 'create', '--tenant', 'acme', '--name', 'bot']);
    await expectStatus(key, 200);
    expect(await json(['tenant', 'suspend', 'acme'])).toMatchObject({ status: 'suspended' });
    await expectStatus(key, 401);
    expect(await json(['tenant', 'resume', 'acme'])).toMatchObject({ status: 'active' });
    await expectStatus(key, 200);
    expect(await json(['tenant', 'rename', 'acme', 'Acme Ltd'])).toMatchObject({ name: 'Acme Ltd' });
    await json(['tenant', 'rename', 'acme ltd', 'Acme']);
  });

  it('delete a tenant only when it is confirmed', async () => {
    await run(['tenant', 'create', 'Brief']);
    const { key } = await json(['key', 'create', '--tenant', 'brief', '--name', 'bot']);
    const unconfirmed = await run(['tenant', 'delete', 'brief']);
    expect(unconfirmed).toMatchObject({ code: 1, stdout: '' });
    expect(unconfirmed.stderr).toMatch(/Nothing was deleted.*--yes/);
    await expectStatus(key, 200);
    expect(await json(['tenant', 'delete', 'brief', '--yes'])).toMatchObject({
      name: 'Brief',
      deletedKeys: 1,
    });
    await expectStatus(key, 401);
    expect((await run(['key', 'list', '--tenant', 'brief'])).stderr).toMatch(/no tenant/);
  });

  it('show the rings, have nothing to rewrap, and keep the current key', async () => {
    const shown = await run(['vault', 'status']);
    expect(shown.code, shown.stderr).toBe(0);
    expect(shown.stdout).toMatch(/MCP_KMS_KEY\s+k1\s+current\s+2\n/);
    const kmsKey = (await readFile(`${folder.path}/secrets/kms-key`, 'utf8')).trim().split(':')[1] ?? '-';
    expect(shown.stdout).not.toContain(kmsKey);
    expect(await json(['vault', 'rewrap', '--batch', '5'])).toEqual({
      rewrapped: 0,
      remaining: 0,
      problems: [],
    });
    const retired = await run(['vault', 'retire', 'k1']);
    expect(retired).toMatchObject({ code: 1, stdout: '' });
    expect(retired.stderr).toMatch(/current key of MCP_KMS_KEY.*restart/);
    expect((await run(['vault', 'retire', 'p1', '--pepper'])).stderr).toMatch(/MCP_KEY_PEPPER/);
    expect((await run(['vault', 'rewrap', '--batch', 'many'])).stderr).toMatch(/^batch: /);
  });

  it('export the trail, one entry a line', async () => {
    const exported = await run(['audit', 'export', '--tenant', 'acme', '--since', '2020-01-01T00:00:00Z']);
    expect(exported.code, exported.stderr).toBe(0);
    const entries = exported.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(entries[0]).toMatchObject({ action: 'tenant.created', actor: 'operator', outcome: 'done' });
    expect(entries.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['key.created', 'key.rotated', 'tenant.suspended', 'tenant.resumed']),
    );
    expect((await run(['audit', 'export', '--since', 'yesterday'])).stderr).toMatch(/^since: /);
  });
});

describe('keys that the server refused', () => {
  it('are in the trail after it has stopped, without the key', async () => {
    const folder = await suiteFolder();
    const program = await startProgram(folder.path);
    const wrong = ['not-a-key', 'x'.repeat(53)];
    for (const key of wrong) expect((await callTool(program.url, key, 'list_stores')).status).toBe(401);
    expect(await program.stop()).toBe(0);
    const { stdout } = await runCommand(['audit', 'export'], { dataDir: folder.path });
    const refusals = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .filter(({ action }) => action === 'key.refused');
    const count = refusals.reduce((sum, { detail }) => sum + detail.count, 0);
    expect(count).toBe(2);
    expect(refusals[0]).toMatchObject({
      tenantId: null,
      actor: 'unknown',
      subject: 'address:127.0.0.1',
      outcome: 'refused',
      detail: { reason: 'malformed' },
    });
    for (const key of wrong) expect(stdout).not.toContain(key);
    await folder.remove();
  });
});
