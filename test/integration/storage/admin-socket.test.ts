import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AppError } from '../../../src/errors.js';
import {
  type AdminHandler,
  AdminSocketAbsent,
  callAdminSocket,
  serveAdminSocket,
} from '../../../src/storage/admin-socket.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

async function serve(handle: AdminHandler, folder?: string): Promise<string> {
  const path = join(folder ?? (await temporaryFolder()), 'admin.sock');
  const socket = await serveAdminSocket(path, handle);
  onTestFinished(() => socket.close());
  return path;
}

const send = (socketPath: string, method: string, body: string) =>
  new Promise<string>((resolve, reject) => {
    const req = request({ socketPath, method, path: '/x', agent: false }, (res) => {
      let text = '';
      res.on('data', (chunk) => {
        text += chunk;
      });
      res.on('end', () => resolve(text));
    });
    req.on('error', reject);
    req.end(body);
  });

describe('the admin socket', () => {
  it('carries a command and its input to the handler, and the result back', async () => {
    const path = await serve(async (command, input) => ({ command, input }));
    const input = { name: 'Größe 🎁', list: [1, null], text: 'x'.repeat(50_000) };
    expect(await callAdminSocket(path, 'tenant/create & more', input)).toEqual({
      command: 'tenant/create & more',
      input,
    });
  });

  it('answers null for a handler that returns nothing', async () => {
    const path = await serve(async () => undefined);
    expect(await callAdminSocket(path, 'nothing', undefined)).toBeNull();
  });

  it('answers commands that run at the same time', async () => {
    const path = await serve(async (_, input) => input);
    const inputs = Array.from({ length: 20 }, (_, index) => index);
    expect(await Promise.all(inputs.map((input) => callAdminSocket(path, 'echo', input)))).toEqual(inputs);
  });

  it('can be opened by its owner only, and leaves nothing else in the folder', async () => {
    const folder = await temporaryFolder();
    const path = await serve(async () => null, folder);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['admin.sock']);
  });

  it('brings an AppError back with code, words, hint, field and wait', async () => {
    const path = await serve(async () => {
      throw new AppError('conflict', 'Taken.', { hint: 'Choose another.', field: 'name', retryAfterS: 3 });
    });
    const error = await callAdminSocket(path, 'x', {}).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({
      code: 'conflict',
      message: 'Taken.',
      hint: 'Choose another.',
      field: 'name',
      retryAfterS: 3,
    });
  });

  it('says no more than that something failed when the handler broke', async () => {
    const path = await serve(async () => {
      throw new Error('select secret from /root');
    });
    const error = await callAdminSocket(path, 'x', {}).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'internal', hint: undefined });
    expect(String(error)).not.toContain('secret');
  });

  it('refuses what is not JSON without quoting it, and any method but POST', async () => {
    const path = await serve(async () => 'never');
    const refused = await send(path, 'POST', 'not json: swordfish');
    expect(JSON.parse(refused)).toMatchObject({ error: { code: 'malformed_json' } });
    expect(refused).not.toContain('swordfish');
    expect(JSON.parse(await send(path, 'GET', ''))).toMatchObject({ error: { code: 'method_not_allowed' } });
  });

  it('takes no body above its bound, on either side', async () => {
    const seen: unknown[] = [];
    const path = await serve(async (_, input) => seen.push(input));
    const huge = 'x'.repeat(70_000);
    await expect(callAdminSocket(path, 'x', huge)).rejects.toMatchObject({ code: 'payload_too_large' });
    const cut = await send(path, 'POST', JSON.stringify(huge.repeat(20))).catch(() => 'payload_too_large');
    expect(cut).toContain('payload_too_large');
    expect(seen).toEqual([]);
    expect(await callAdminSocket(path, 'x', 'small')).toBe(1);
  });

  it('is absent when nobody listens: no socket, or one that a dead process left', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'admin.sock');
    await expect(callAdminSocket(path, 'x', {})).rejects.toBeInstanceOf(AdminSocketAbsent);
    await writeFile(path, '');
    await expect(callAdminSocket(path, 'x', {})).rejects.toBeInstanceOf(AdminSocketAbsent);
  });

  it('replaces a socket that was left behind', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'admin.sock');
    const dead = createServer();
    await new Promise<void>((resolve) => dead.listen(path, resolve));
    onTestFinished(() => void dead.close());
    await serve(async () => 'alive', folder);
    expect(await callAdminSocket(path, 'x', {})).toBe('alive');
  });

  it('removes the socket on close, after the running command has been answered', async () => {
    const path = join(await temporaryFolder(), 'admin.sock');
    let finish = () => {};
    let started = () => {};
    const running = new Promise<void>((resolve) => {
      started = resolve;
    });
    const socket = await serveAdminSocket(path, async () => {
      started();
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      return 'finished';
    });
    const call = callAdminSocket(path, 'slow', {});
    await running;
    const closed = socket.close();
    await expect(callAdminSocket(path, 'late', {})).rejects.toBeInstanceOf(AdminSocketAbsent);
    finish();
    expect(await call).toBe('finished');
    await closed;
  });

  it('does not take a server that dies over a command for one that is absent', async () => {
    const path = join(await temporaryFolder(), 'admin.sock');
    const dying = createServer((req) => req.socket.destroy());
    await new Promise<void>((resolve) => dying.listen(path, resolve));
    onTestFinished(() => void dying.close());
    await expect(callAdminSocket(path, 'x', {})).rejects.toMatchObject({ code: 'storage_unavailable' });
  });

  it('works in a folder whose path is longer than a socket may have', async () => {
    const folder = join(await temporaryFolder(), 'a'.repeat(60), 'b'.repeat(60), 'ü'.repeat(30));
    await mkdir(folder, { recursive: true });
    const path = await serve(async () => 'far away', folder);
    expect(await callAdminSocket(path, 'x', {})).toBe('far away');
    expect(await readdir(folder)).toEqual(['admin.sock']);
  });
});
