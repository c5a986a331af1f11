/** docker/postgres/init-roles.sh: a role without its password is never made, and it can be run again. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { execute, type PostgresServer } from '../../support/services/index.js';
import { suiteFolder } from '../../support/temporary-folder.js';
import { initRoles, makeSecrets, secretIn, startComposedPostgres } from './support.js';

const SERVICE = 'postgres_service_password';

let folder: Awaited<ReturnType<typeof suiteFolder>>;
let secrets: string;
let postgres: PostgresServer & { readonly port: number };
beforeAll(async () => {
  folder = await suiteFolder();
  secrets = join(folder.path, 'secrets');
  await makeSecrets(secrets);
  postgres = await startComposedPostgres(secrets);
});
afterAll(async () => {
  await postgres?.stop();
  await folder?.remove();
});

const asService = (password: string) =>
  execute(`postgres://orderdesk_service:${password}@127.0.0.1:${postgres.port}/postgres`, ['select 1']);

describe('a password that is not there', () => {
  const broken: readonly (readonly [what: string, make: (file: string) => Promise<unknown>])[] = [
    ['no file', async () => {}],
    ['an empty file', (file) => writeFile(file, '')],
    ['a file of one line end', (file) => writeFile(file, '\n')],
    // What Docker makes where there is no file to mount.
    ['a folder', (file) => mkdir(file)],
  ];
  it.each(
    broken.flatMap(([what, make]) =>
      ['postgres_owner_password', SERVICE].map((name) => [what, name, make] as const),
    ),
  )('%s as %s: one line that names it, before anything is asked of Postgres', async (_what, name, make) => {
    const incomplete = join(folder.path, 'incomplete');
    await makeSecrets(incomplete);
    await rm(join(incomplete, name));
    await make(join(incomplete, name));
    try {
      expect(() => initRoles(postgres.port, incomplete)).toThrow(
        expect.objectContaining({
          status: 1,
          stderr: expect.stringMatching(
            new RegExp(`^The password in ${join(incomplete, name)} is missing: .*\\n$`),
          ),
        }),
      );
    } finally {
      await rm(incomplete, { recursive: true });
    }
    await asService(secretIn(secrets, SERVICE));
  });
});

it('run again by hand keeps what is there, and sets the passwords of the files', async () => {
  const before = secretIn(secrets, SERVICE);
  await execute(postgres.superuserUrl, ['grant connect on database orderdesk to orderdesk_service']);
  await rm(join(secrets, SERVICE));
  await writeFile(join(secrets, SERVICE), "it's \\another :one");
  initRoles(postgres.port, secrets);
  await expect(asService(before)).rejects.toMatchObject({ code: '28P01' });
  const service = `orderdesk_service:${encodeURIComponent(secretIn(secrets, SERVICE))}`;
  await execute(`postgres://${service}@127.0.0.1:${postgres.port}/orderdesk`, ['select 1']);
});

it('makes good what is half there', async () => {
  await execute(postgres.superuserUrl, [
    'drop database orderdesk',
    'alter role orderdesk_owner password null',
  ]);
  await execute(postgres.superuserUrl, ['revoke orderdesk_backup from orderdesk_owner']);
  initRoles(postgres.port, secrets);
  const owner = `orderdesk_owner:${secretIn(secrets, 'postgres_owner_password')}`;
  await execute(`postgres://${owner}@127.0.0.1:${postgres.port}/orderdesk`, [
    'create table owned (id int)',
    'set role orderdesk_backup',
  ]);
});
