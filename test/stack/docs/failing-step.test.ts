/**
 * The procedures that cannot be taken back, in a shell as an operator has it, which goes on after a command that failed: a
 * step that fails must keep the next from happening. The programs are stand-ins that write down what they are asked.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '../../support/running-program.js';
import { blocksOf } from '../../support/stack/documents.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const RUNBOOK = 'docs/PRODUCTION-RUNBOOK.md';
const DEPLOYMENT = 'docs/DEPLOYMENT-DOCKER.md';
const RINGS = { mcp_kms_key: 'k2:Mg==,k1:MQ==,k0:MA==', mcp_key_pepper: 'p2:Mg==,p1:MQ==' };

/** @param having what only this block of the section has */
function blockIn(document: string, section: string, having: string): string {
  const found = blocksOf(document, readFileSync(join(projectRoot, document), 'utf8')).filter(
    (block) => block.section === section && block.text.includes(having),
  );
  const [block] = found;
  if (block === undefined || found.length > 1)
    throw new Error(`${found.length} blocks of ${section} have ${having}`);
  return block.text;
}

/** @param failing what the arguments of the command that fails begin with @param first what earlier blocks have set */
async function follow(block: string, failing: string, first = '') {
  const folder = await temporaryFolder();
  for (const name of ['programs', 'secrets', 'docker']) mkdirSync(join(folder, name));
  for (const [name, ring] of Object.entries(RINGS)) writeFileSync(join(folder, 'secrets', name), ring);
  const answer = `printf '%s\\n' "\${0##*/} $*" >> '${join(folder, 'asked')}'; case "$*" in ${failing === '' ? "'no such call'" : `'${failing}'*`}) exit 1;; 'compose ps'*) echo old;; esac`;
  for (const path of ['npx', 'docker', 'git', 'sudo']
    .map((name) => `programs/${name}`)
    .concat(['docker/make-secrets.sh', 'docker/restart-replicas.sh'])) {
    writeFileSync(join(folder, path), `#!/bin/sh\n${answer}\n`);
    chmodSync(join(folder, path), 0o755);
  }
  spawnSync('bash', ['--noprofile', '--norc'], {
    cwd: folder,
    input: `${first}\n${block}\n`,
    env: { PATH: `${join(folder, 'programs')}:${process.env.PATH}`, DUMP: 'a.dump' },
  });
  const ring = (name: keyof typeof RINGS) => readFileSync(join(folder, 'secrets', name), 'utf8');
  return { asked: readFileSync(join(folder, 'asked'), 'utf8'), ring };
}

const retire = blockIn(RUNBOOK, 'Rotate the encryption ring', 'vault retire');
const retirePepper = blockIn(RUNBOOK, 'Rotate the pepper', 'vault retire');
const RING_SET = 'ring=mcp_kms_key old=k1';

describe('a ring', () => {
  it('loses the retired key, and no other', async () => {
    expect((await follow(retire, '', RING_SET)).ring('mcp_kms_key')).toBe('k2:Mg==,k0:MA==');
    const { ring, asked } = await follow(retirePepper, '');
    expect(ring('mcp_key_pepper')).toBe('p2:Mg==');
    expect(asked).toContain('restart-replicas.sh');
  });

  it('stays as it is when the key is still needed, and in a shell that does not know which ring', async () => {
    const refused = await follow(retire, 'orderdesk-mcp vault retire', RING_SET);
    expect(refused.ring('mcp_kms_key')).toBe(RINGS.mcp_kms_key);
    expect((await follow(retire, '', 'old=k1')).ring('mcp_kms_key')).toBe(RINGS.mcp_kms_key);
    const pepper = await follow(retirePepper, 'compose exec');
    expect(pepper.ring('mcp_key_pepper')).toBe(RINGS.mcp_key_pepper);
    expect(pepper.asked).not.toContain('restart');
  });
});

it('a token stays as it is when no new one was made, whatever is left of another procedure', async () => {
  const rotate = blockIn(RUNBOOK, 'Rotate a token', 'openssl rand').replace(
    'metrics_token',
    'mcp_key_pepper',
  );
  const left = 'printf left > secrets/.next; npx';
  expect((await follow(rotate, '', left)).ring('mcp_key_pepper')).toMatch(/^[0-9a-f]{64}\n$/);
  const refused = await follow(rotate, '', `${left}; openssl() { return 1; }`);
  expect(refused.ring('mcp_key_pepper')).toBe(RINGS.mcp_key_pepper);
});

describe.each([
  [
    'a tenant is not deleted',
    blockIn(RUNBOOK, 'Delete a tenant', 'tenant delete'),
    'orderdesk-mcp changes export',
    'tenant delete',
  ],
  ['no old replica is stopped', blockIn(DEPLOYMENT, 'Upgrade', '--scale'), 'compose up', 'docker stop'],
  ['nothing is migrated', blockIn(DEPLOYMENT, 'Upgrade', 'git checkout'), 'checkout', 'run --rm migrate'],
  ['the database keeps its name', blockIn(DEPLOYMENT, 'Restore', 'rename to'), 'compose stop', 'psql'],
  [
    'no replica gets a password that Postgres does not have',
    blockIn(RUNBOOK, 'Rotate the passwords of Postgres and Redis', 'postgres_service_password'),
    'compose exec',
    'restart-replicas.sh',
  ],
  [
    'no replica gets a password that Redis does not have',
    blockIn(RUNBOOK, 'Rotate the passwords of Postgres and Redis', 'redis_password'),
    'compose up',
    'restart-replicas.sh',
  ],
  [
    'what was restored is not dropped',
    blockIn(DEPLOYMENT, 'Restore', "'drop database orderdesk'"),
    'compose stop',
    'drop database',
  ],
  [
    'an empty database is not migrated',
    blockIn(DEPLOYMENT, 'Restore', 'restore.sh'),
    'run',
    'run --rm migrate',
  ],
])('%s', (_title, block, failing, next) => {
  it(`when this fails: ${failing}`, async () => {
    expect((await follow(block, failing)).asked).not.toContain(next);
    expect((await follow(block, '')).asked).toContain(next);
  });
});
