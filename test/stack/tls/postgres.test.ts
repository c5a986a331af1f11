/** `sslmode=verify-full` with a certificate of a private authority. */
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { replicaEnv } from '../../support/replica-env.js';
import { runCommand } from '../../support/running-program.js';
import { startPostgres } from '../../support/services/index.js';
import { makeCertificate } from '../../support/stack/certificate.js';
import { writeCertificate } from '../../support/stack/own-ca.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

/** An address of the server that is none of the certificate's names. */
const ANOTHER_NAME = '127.0.0.2';

it('lets in a server with the right authority and name, and refuses any other in clear words', async () => {
  const certificate = makeCertificate();
  const postgres = await startPostgres({
    settings(folder) {
      const { chain, key } = writeCertificate(folder, certificate);
      return [
        'ssl=on',
        `ssl_cert_file=${chain}`,
        `ssl_key_file=${key}`,
        `listen_addresses=127.0.0.1,${ANOTHER_NAME}`,
      ];
    },
  });
  onTestFinished(() => postgres.stop());
  const database = await postgres.createDatabase();
  const folder = await temporaryFolder();
  const ca = join(folder, 'ca.pem');
  writeFileSync(ca, certificate.ca);
  chmodSync(ca, 0o644);

  const secured = (text: string, host: string, parameters: Record<string, string>): string => {
    const url = new URL(text);
    url.hostname = host;
    for (const [name, value] of Object.entries({ sslmode: 'verify-full', ...parameters })) {
      url.searchParams.set(name, value);
    }
    return url.href;
  };
  const dataDir = join(folder, 'data');
  const base = replicaEnv('', '');
  const run = (command: string, url: string, env: NodeJS.ProcessEnv = {}) =>
    runCommand([command], {
      dataDir,
      env: { ...base, ORDERDESK_API_URL: undefined, DATABASE_URL: url, ...env },
    });

  const right = secured(database.serviceUrl, 'localhost', { sslrootcert: ca });
  const migrated = await run('migrate', right, {
    MIGRATE_DATABASE_URL: secured(database.migrateUrl, 'localhost', { sslrootcert: ca }),
  });
  expect(migrated, migrated.stderr).toMatchObject({ code: 0 });

  // One after the other: a connection has two seconds to be made, also on a busy machine.
  const fits = await run('doctor', right);
  expect(fits, fits.stdout).toMatchObject({ code: 0 });
  expect(fits.stdout).toMatch(/ok +database .*answers/);

  const byNode = await run('doctor', secured(database.serviceUrl, 'localhost', {}), {
    NODE_EXTRA_CA_CERTS: ca,
  });
  expect(byNode, byNode.stdout).toMatchObject({ code: 0 });

  const wrongName = await run('doctor', secured(database.serviceUrl, ANOTHER_NAME, { sslrootcert: ca }));
  expect(wrongName.code).toBe(1);
  expect(wrongName.stdout).toMatch(
    /refused +database .*ERR_TLS_CERT_ALTNAME_INVALID.*one of the certificate's names/,
  );

  const noAuthority = await run('doctor', secured(database.serviceUrl, 'localhost', {}));
  expect(noAuthority.code).toBe(1);
  expect(noAuthority.stdout).toMatch(/refused +database .*\(\w*(CERT|VERIFY)\w*\).*sslrootcert/);
});
