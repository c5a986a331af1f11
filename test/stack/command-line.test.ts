/** The operator's commands. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callTool } from '../support/call-tool.js';
import { type RunningProgram, runCommand, startProgram } from '../support/running-program.js';
import { suiteFolder } from '../support/temporary-folder.js';

const STORE_KEY = 'sandbox-key-for-store-10002';

/** Without a server the same operations run in the command's own process: README's commands show that they do. */
describe('commands while the server runs', () => {
  let folder: Awaited<ReturnType<typeof suiteFolder>>;
  let program: RunningProgram;
  beforeAll(async () => {
    folder = await suiteFolder();
    program = await startProgram(folder.path);
  });
  afterAll(async () => {
    await program?.stop();
    await folder?.remove();
  });

  const run = (args: string[], input?: string) =>
    runCommand(args, { dataDir: folder.path, ...(input === undefined ? {} : { input }) });
  const json = async (args: string[], input?: string) => {
    const outcome = await run([...args, '--json'], input);
    expect(outcome.code, outcome.stderr).toBe(0);
    return JSON.parse(outcome.stdout);
  };

  it('make a tenant, once', async () => {
    expect(await json(['tenant', 'create', 'Acme'])).toMatchObject({ name: 'Acme', status: 'active' });
    expect((await json(['tenant', 'list'])).map((tenant: { name: string }) => tenant.name)).toContain('Acme');
    const again = await run(['tenant', 'create', 'acme']);
    expect(again).toMatchObject({ code: 1, stdout: '' });
    expect(again.stderr).toMatch(/exists already/);
  });

  it('keep no store whose credential Order Desk refuses', async () => {
    const refused = await run(['store', 'add', '--tenant', 'acme', '--id', '10002'], 'wrong-key\n');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/refused|API key/i);
    expect(refused.stderr).not.toContain('wrong-key');
    expect(await json(['store', 'list', '--tenant', 'acme'])).toEqual([]);
  });

  it('ask for the credential when none is piped in', async () => {
    const empty = await run(['store', 'add', '--tenant', 'acme', '--id', '10002'], '');
    expect(empty).toMatchObject({ code: 1 });
    expect(empty.stderr).toMatch(/nothing was entered/);
  });

  it('add, list, verify, renew and remove a store, showing its key nowhere', async () => {
    const added = await run(
      ['store', 'add', '--tenant', 'acme', '--id', '10002', '--name', 'Paper', '--default'],
      `${STORE_KEY}\n`,
    );
    expect(added.code, added.stderr).toBe(0);
    const listed = await run(['store', 'list', '--tenant', 'acme']);
    expect(listed.stdout).toMatch(/Paper\s+10002\s+true/);
    expect(await json(['store', 'verify', 'paper', '--tenant', 'acme'])).toMatchObject({ refusedAt: null });
    const credential = ['store', 'credential', 'paper', '--tenant', 'acme'];
    const refused = await run(credential, 'wrong-key\n');
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(/refused.*stays/);
    expect(refused.stderr).not.toContain('wrong-key');
    expect((await run(credential, '')).stderr).toMatch(/nothing was entered/);
    const renewed = await run(credential, `${STORE_KEY}\n`);
    expect(renewed).toMatchObject({ code: 0, stderr: '' });
    expect(renewed.stdout).toMatch(/name: Paper\n.*refusedAt: -\n/s);
    const again = await run(['store', 'add', '--tenant', 'acme', '--id', '10002'], `${STORE_KEY}\n`);
    expect(again).toMatchObject({ code: 1, stdout: '' });
    expect(again.stderr).toContain('orderdesk-mcp store credential 10002 --tenant <name>');
    for (const { stdout, stderr } of [added, listed, refused, renewed, again]) {
      expect(stdout + stderr).not.toContain(STORE_KEY);
    }
    expect((await run(['store', 'remove', 'Paper', '--tenant', 'acme'])).code).toBe(0);
    expect(await json(['store', 'list', '--tenant', 'acme'])).toEqual([]);
  });

  it('show what agents changed, and limit what a key may change', async () => {
    await json(['tenant', 'create', 'Writers']);
    const tenant = ['--tenant', 'writers'];
    await json(['store', 'add', ...tenant, '--id', '10002', '--name', 'Paper'], `${STORE_KEY}\n`);
    const limits = ['--daily-writes', '9', '--confirm', 'moves,deletes', '--confirm-batches-above', '20'];
    const { key } = await json(['key', 'create', ...tenant, '--name', 'writer', ...limits]);
    expect(await json(['key', 'list', ...tenant])).toMatchObject([
      { dailyWriteCap: 9, confirm: ['moves', 'deletes'], confirmBatchesAbove: 20 },
    ]);
    const listed = await callTool(program.url, key, 'list_orders', { limit: 1 });
    const [{ id: order_id }] = JSON.parse(listed.text).result.structuredContent.rows;
    const written = await callTool(program.url, key, 'add_order_note', { order_id, note: 'Ring twice' });
    const { change_id: id } = JSON.parse(written.text).result.structuredContent;

    const list = await run(['changes', 'list', ...tenant, '--order', order_id]);
    expect(list.code, list.stderr).toBe(0);
    expect(list.stdout).toMatch(new RegExp(`${id}\\s+\\S+\\s+Paper\\s+writer\\s+add_order_note\\s+applied`));
    const shown = await run(['changes', 'show', id, ...tenant]);
    expect(shown.stdout).toContain('state: applied\n');
    expect(shown.stdout).toContain('"Ring twice"');
    const exported = await run(['changes', 'export', ...tenant, '--since', '2020-01-01T00:00:00Z']);
    expect(
      exported.stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).id),
    ).toEqual([id]);
    const settle = ['changes', 'settle', id, ...tenant, '--outcome', 'failed', '--reason', 'a slip'];
    expect(await run(settle)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/is known/),
    });

    await callTool(program.url, key, 'add_order_note', { order_id, note: 'Ring once' });
    const shortened = await run(['changes', 'list', ...tenant, '--limit', '1', '--json']);
    expect(JSON.parse(shortened.stdout)).toHaveLength(1);
    expect(shortened.stderr).toMatch(/There are more: .*--limit.*--since.*changes export/);
    const whole = await run(['changes', 'list', ...tenant, '--limit', '2', '--json']);
    expect(JSON.parse(whole.stdout)).toHaveLength(2);
    expect(whole.stderr).not.toContain('There are more');
  });

  it('say what folders of a store mean, on the server that runs', async () => {
    await json(['store', 'add', '--tenant', 'acme', '--id', '10002', '--name', 'Paper'], `${STORE_KEY}\n`);
    const { key } = await json(['key', 'create', '--tenant', 'acme', '--name', 'reader']);
    const means = async (name: string) => {
      const { text } = await callTool(program.url, key, 'get_store');
      const { folders } = JSON.parse(text).result.structuredContent;
      return folders.find((folder: { name: string }) => folder.name === name);
    };
    const folders = await json(['store', 'folders', 'paper', '--tenant', 'acme']);
    const first = folders.find(({ means }: { means: string }) => means === 'open');
    expect(first).toMatchObject({ saidBy: 'name', note: null });
    const folder = ['store', 'folder', 'paper', first.name.toUpperCase(), '--tenant', 'acme'];
    expect(await json([...folder, '--means', 'closed', '--note', 'Prints the slip'])).toEqual({
      folderId: first.folderId,
      name: first.name,
      means: 'closed',
      saidBy: 'owner',
      note: 'Prints the slip',
    });
    expect(await means(first.name)).toEqual({
      id: first.folderId,
      name: first.name,
      means: 'closed',
      said_by_owner: true,
      note: 'Prints the slip',
    });
    const shown = await run(['store', 'folders', 'paper', '--tenant', 'acme']);
    expect(shown.stdout).toMatch(/folderId +name +means +saidBy +note\n/);
    expect(shown.stdout).toMatch(
      new RegExp(`${first.folderId} +${first.name} +closed +owner +Prints the slip\n`),
    );
    await json([...folder, '--no-note', '--means', 'guess']);
    expect(await means(first.name)).toEqual({ id: first.folderId, name: first.name, means: 'open' });
    const nothing = await run(folder);
    expect(nothing).toMatchObject({ code: 1, stdout: '' });
    expect(nothing.stderr).toMatch(/^means: /);
    const unknown = await run([...folder.with(3, 'Nowhere'), '--means', 'closed']);
    expect(unknown).toMatchObject({ code: 1, stdout: '' });
    expect(unknown.stderr).toContain(`"${first.name}" (${first.folderId})`);
    expect((await run(['store', 'remove', 'paper', '--tenant', 'acme'])).code).toBe(0);
  });

  it('make a key that is shown once on standard output, list it without its secret, and revoke it', async () => {
    const made = await run(['key', 'create', '--tenant', 'acme', '--name', 'bot']);
    const key = made.stdout.trim();
    expect(key).toMatch(/^odm_[0-9A-Za-z]{10}_[0-9A-Za-z]{38}$/);
    const kid = key.slice(4, 14);
    const listed = await run(['key', 'list', '--tenant', 'acme']);
    expect(listed.stdout).toContain(kid);
    expect(listed.stdout + made.stderr).not.toContain(key.slice(15));
    expect((await callTool(program.url, key, 'list_stores')).status).toBe(200);
    expect((await run(['key', 'revoke', kid])).code).toBe(0);
    expect((await callTool(program.url, key, 'list_stores')).status).toBe(401);
  });

  it('explain what is missing, with exit code 1', async () => {
    for (const args of [
      ['tenant'],
      ['key', 'create', '--name', 'x'],
      ['store', 'add', '--tenant', 'acme'],
      ['nonsense'],
    ]) {
      const outcome = await run(args);
      expect(outcome.code).toBe(1);
      expect(outcome.stderr).not.toBe('');
    }
    const nobody = await run(['key', 'list', '--tenant', 'nobody']);
    expect(nobody).toMatchObject({ code: 1 });
    expect(nobody.stderr).toContain('tenant');
  });
});

describe('orderdesk-mcp sandbox', () => {
  it('shows its address and stores, and refuses a port that is none', async () => {
    const folder = await suiteFolder();
    const outcome = await runCommand(['sandbox', '--port', 'many'], { dataDir: folder.path });
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toMatch(/port/);
    await folder.remove();
  });
});
