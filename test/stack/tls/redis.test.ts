/** `rediss://` with a certificate of a private authority. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { callTool } from '../../support/call-tool.js';
import { replicaEnv } from '../../support/replica-env.js';
import { runCommand, startProgram } from '../../support/running-program.js';
import { createMigratedDatabase } from '../../support/services/index.js';
import { makeCertificate } from '../../support/stack/certificate.js';
import { startTlsRedis } from '../../support/stack/own-ca.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

it('is shared by a process that knows the authority; one that does not says so and keeps its limits to itself', async () => {
  const certificate = makeCertificate();
  const redis = await startTlsRedis(certificate);
  const folder = await temporaryFolder();
  const ca = join(folder, 'ca.pem');
  writeFileSync(ca, certificate.ca);

  const database = await createMigratedDatabase();
  onTestFinished(() => database.drop());

  const plain = {
    ...replicaEnv(database.serviceUrl, ''),
    REDIS_URL: redis.url,
  };
  const start = async (name: string, env: NodeJS.ProcessEnv) => {
    const program = await startProgram(join(folder, name), env);
    onTestFinished(async () => void (await program.stop('SIGKILL')));
    return program;
  };
  const believing = await start('believing', { ...plain, NODE_EXTRA_CA_CERTS: ca });
  const doubting = await start('doubting', plain);
  const doctor = await runCommand(['doctor'], { dataDir: join(folder, 'doctor'), env: plain });
  const modeOf = async ({ url }: { url: string }): Promise<string | undefined> => {
    const metrics = await (await fetch(new URL('/metrics', url))).text();
    return /^rate_limiter_mode\{mode="(\w+)"\} 1$/m.exec(metrics)?.[1];
  };

  // Away at first where Redis is asked in a moment in which the machine is busy.
  await expect.poll(() => modeOf(believing)).toBe('shared');
  expect(await modeOf(doubting)).toBe('local');
  expect(doubting.output().stdout).toMatch(/Redis is away/);
  expect(doctor.stdout).toMatch(/refused +Redis .*\(\w*(CERT|VERIFY)\w*\).*NODE_EXTRA_CA_CERTS/);
  expect(doctor.code).toBe(1);

  const keys = async () => Number(await redis.command('DBSIZE'));
  await callTool(doubting.url, 'no-key', 'list_orders', {});
  expect(await keys()).toBe(0);
  await expect
    .poll(async () => {
      await callTool(believing.url, 'no-key', 'list_orders', {});
      return keys();
    })
    .toBeGreaterThan(0);
});
