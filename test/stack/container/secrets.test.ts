/** docker/make-secrets.sh and docker/install-certificate.sh. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parseKeyRing } from '../../../src/tenancy/rings/key-ring.js';
import { projectRoot } from '../../support/running-program.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { makeSecrets, secretIn } from './support.js';

const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);

async function contentOf(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  return Object.fromEntries(files.map((name) => [name, secretIn(folder, name)]));
}

describe('make-secrets.sh', () => {
  it('makes files that containers can read, in a folder that nobody else of the host can enter', async () => {
    const folder = join(await temporaryFolder(), 'secrets');
    await makeSecrets(folder);
    expect(await modeOf(folder)).toBe('700');
    const files = Object.keys(await contentOf(folder));
    expect(files.length).toBeGreaterThanOrEqual(13);
    for (const file of files) expect(await modeOf(join(folder, file)), file).toBe('444');
  });

  it('makes what the settings take, each part random by itself', async () => {
    const folder = join(await temporaryFolder(), 'secrets');
    await makeSecrets(folder);
    const content = await contentOf(folder);
    expect(() => parseKeyRing(content.mcp_kms_key ?? '', 'MCP_KMS_KEY')).not.toThrow();
    expect(() => parseKeyRing(content.mcp_key_pepper ?? '', 'MCP_KEY_PEPPER')).not.toThrow();
    const random = Object.entries(content).filter(([name]) => /_password$|_token$|^mcp_/.test(name));
    expect(new Set(random.map(([, text]) => text.replace(/^..:/, ''))).size).toBe(random.length);
    for (const [name, text] of random) expect(text.length, name).toBeGreaterThanOrEqual(32);
    const service = new URL(content.database_url ?? '');
    expect(service.password).toBe(content.postgres_service_password);
    expect(content.redis_users).not.toContain(content.redis_password);
  });

  it('leaves what is there, and adds what is new', async () => {
    const folder = join(await temporaryFolder(), 'secrets');
    await mkdir(folder);
    await writeFile(join(folder, 'postgres_service_password'), 'of-an-earlier-release');
    await makeSecrets(folder);
    const first = await contentOf(folder);
    expect(new URL(first.database_url ?? '').password).toBe('of-an-earlier-release');
    const again = await makeSecrets(folder);
    expect(again.stdout).toBe('');
    expect(await contentOf(folder)).toEqual(first);
  });

  it.each([
    ['postgres_service_password', ['database_url']],
    ['postgres_owner_password', ['migrate_database_url']],
    ['redis_password', ['redis_url', 'redis_users']],
  ])(
    'makes nothing while %s is gone or another one, and names it with what holds the former',
    async (name, holders) => {
      const folder = join(await temporaryFolder(), 'secrets');
      await makeSecrets(folder);
      await Promise.all([name, 'metrics_token'].map((file) => rm(join(folder, file))));
      const left = await contentOf(folder);
      for (const change of [async () => {}, () => writeFile(join(folder, name), 'another-password')]) {
        await change();
        const refused: { code: number; stderr: string } = await makeSecrets(folder).then(
          () => ({ code: 0, stderr: '' }),
          (failure) => failure,
        );
        expect(refused.code).toBe(1);
        expect(refused.stderr.trimEnd().split('\n')).toEqual(
          holders.map((holder) =>
            expect.stringContaining(
              `${join(folder, holder)} does not have the password of ${join(folder, name)}:`,
            ),
          ),
        );
        expect(await contentOf(folder)).toMatchObject(left);
        expect(Object.keys(await contentOf(folder))).not.toContain('metrics_token');
      }
      await Promise.all([name, ...holders].map((file) => rm(join(folder, file))));
      await makeSecrets(folder);
      expect((await contentOf(folder))[name]).toMatch(/^[\w-]{32}$/);
    },
  );

  it('takes a password as the address means it, with a line end or not', async () => {
    const folder = join(await temporaryFolder(), 'secrets');
    await mkdir(folder);
    await writeFile(join(folder, 'redis_password'), 'chosen-by-hand\n');
    await writeFile(join(folder, 'postgres_service_password'), 'a\\b:c/d@e%f');
    await writeFile(
      join(folder, 'database_url'),
      `postgres://orderdesk_service:${encodeURIComponent('a\\b:c/d@e%f')}@postgres:5432/orderdesk`,
    );
    await makeSecrets(folder);
    expect(await makeSecrets(folder)).toMatchObject({ stdout: '', stderr: '' });
    const digest = createHash('sha256').update('chosen-by-hand').digest('hex');
    expect(secretIn(folder, 'redis_users')).toContain(`#${digest} `);
  });

  it('leaves the address of a server elsewhere to the operator', async () => {
    const folder = join(await temporaryFolder(), 'secrets');
    await mkdir(folder);
    const address = 'postgres://service:of-elsewhere@db.example.com:5432/orderdesk?sslmode=verify-full';
    await writeFile(join(folder, 'database_url'), address);
    await makeSecrets(folder);
    expect(secretIn(folder, 'database_url')).toBe(address);
  });
});

describe('install-certificate.sh', () => {
  const run = (args: string[]) =>
    promisify(execFile)(join(projectRoot, 'docker/install-certificate.sh'), args).then(
      () => ({ code: 0, stderr: '' }),
      (failure: { code: number; stderr: string }) => ({ code: failure.code, stderr: failure.stderr }),
    );
  const selfSigned = async (folder: string) => {
    await promisify(execFile)(join(projectRoot, 'nginx/make-self-signed.sh'), ['mcp.example.com', folder]);
    return { chain: join(folder, 'fullchain.pem'), key: join(folder, 'privkey.pem') };
  };

  it('puts both where nginx reads them, and refuses a key that does not belong', async () => {
    const [one, other, tls] = [await temporaryFolder(), await temporaryFolder(), await temporaryFolder()];
    const [good, foreign] = [await selfSigned(one), await selfSigned(other)];
    expect(await run([good.chain, good.key, tls])).toMatchObject({ code: 0 });
    expect((await readdir(tls)).toSorted()).toEqual(['fullchain.pem', 'privkey.pem']);
    expect(await readFile(join(tls, 'privkey.pem'), 'utf8')).toBe(await readFile(good.key, 'utf8'));
    expect(await modeOf(join(tls, 'privkey.pem'))).toBe('444');

    const refused = await run([good.chain, foreign.key, tls]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('does not belong');
    expect(await readFile(join(tls, 'privkey.pem'), 'utf8')).toBe(await readFile(good.key, 'utf8'));
  });
});
