import Fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AppError } from '../../../src/errors.js';
import { createLogger, type LogOptions } from '../../../src/telemetry/logger.js';
import type { Log } from '../../../src/telemetry/port.js';
import { Secret } from '../../../src/tenancy/secret.js';

/** Made up, and unmistakable wherever they turn up. */
const SEEDS = {
  key: 'odm_SEEDkid123_SEEDsecretSEEDsecretSEEDsecret12abcdef',
  email: 'seed.customer@customers.example.com',
  header: 'SEED-header-value',
  password: 'SEED-password',
  upstream: 'SEED upstream text about Jo Bloggs',
  body: 'SEED body of a request',
};

function capture(options: Partial<LogOptions> = {}) {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const logger = createLogger({ level: 'trace', pretty: false, destination, ...options });
  const entries = (): (Record<string, unknown> & { time?: unknown })[] =>
    lines.map((line) => z.record(z.string(), z.unknown()).parse(JSON.parse(line)));
  return { logger, text: () => lines.join(''), entries };
}

/** One log line for each way a seed has been known to slip in. */
function logEverySeed(logger: ReturnType<typeof capture>['logger']): void {
  logger.info(`key ${SEEDS.key} from ${SEEDS.email}`);
  logger.info({ deep: { deeper: [{ note: `x\n${SEEDS.key}`, mail: `\t${SEEDS.email}` }] } }, 'nested');
  logger
    .child({ bound: SEEDS.key })
    .info({ Authorization: SEEDS.header, a: { b: { 'orderdesk-api-key': SEEDS.header } } }, 'headers');
  logger.info(
    { headers: { anything: SEEDS.header }, cookies: [SEEDS.header], body: { text: SEEDS.body } },
    'parts',
  );
  logger.info(
    { user: { password: `${SEEDS.password} "quoted" \\`, apiKey: SEEDS.password, token: SEEDS.password } },
    'fields',
  );
  logger.info({ header: `Bearer ${SEEDS.password}` }, 'scheme');
  logger.error(new AppError('upstream_rejected', SEEDS.upstream));
  logger.error({ err: new AppError('invalid_argument', `no store ${SEEDS.upstream}`) });
  logger.error(
    { err: Object.assign(new Error('x'), { body: SEEDS.body, headers: { h: SEEDS.header } }) },
    'carried',
  );
  logger.error(new Error('outer', { cause: new AppError('upstream_malformed', SEEDS.upstream) }), 'cause');
  try {
    JSON.parse(`${SEEDS.body} {`);
  } catch (thrown) {
    logger.error(thrown);
  }
}

describe('the log', () => {
  it('holds none of the seeded secrets and personal data', () => {
    const { logger, text } = capture();
    logEverySeed(logger);
    expect(text()).not.toMatch(/SEED|seed\.customer|Bloggs/);
  });

  it('would hold every one of them with redaction off, so the check can fail', () => {
    const { logger, text } = capture({ redaction: 'off' });
    logEverySeed(logger);
    for (const seed of [SEEDS.key, SEEDS.email, SEEDS.header, SEEDS.password, SEEDS.upstream, SEEDS.body]) {
      expect(text()).toContain(seed);
    }
  });

  it('is one valid JSON object a line, with level, time and message', () => {
    const { logger, entries } = capture();
    logEverySeed(logger);
    for (const entry of entries()) {
      expect(entry).toMatchObject({
        level: expect.stringMatching(/^(info|error)$/),
        msg: expect.any(String),
      });
      expect(new Date(String(entry.time)).getTime()).not.toBeNaN();
    }
  });

  it('keeps what is safe: public ids, routes, durations', () => {
    const { logger, entries } = capture();
    logger.info(
      {
        kid: 'abcDEF1234',
        tenant_id: '0198c0de-0000-7000-8000-000000000000',
        route: '/mcp',
        status: 200,
        durationMs: 1.5,
      },
      'request',
    );
    expect(entries()[0]).toMatchObject({
      kid: 'abcDEF1234',
      route: '/mcp',
      status: 200,
      durationMs: 1.5,
      msg: 'request',
    });
  });

  it('prints a Secret as redacted even with redaction off', () => {
    const { logger, text } = capture({ redaction: 'off' });
    logger.info({ value: new Secret(SEEDS.password) }, `and ${new Secret(SEEDS.password)}`);
    expect(text()).not.toContain('SEED');
  });

  it('leaves out what is below the level', () => {
    const { logger, text } = capture({ level: 'warn' });
    logger.info('quiet');
    expect(text()).toBe('');
  });

  it('is a Log as the rooms know it', () => {
    const { logger, entries } = capture();
    const log: Log = logger;
    log.warn({ store: 1 }, 'careful');
    expect(entries()[0]).toMatchObject({ level: 'warn', store: 1, msg: 'careful' });
  });

  it('can be read by a person at a terminal, redacted as well', () => {
    const { logger, text } = capture({ pretty: true });
    logger.info(`ready for ${SEEDS.key}`);
    expect(text()).toContain('ready for [api key]');
    expect(text()).not.toContain('{"level"');
  });
});

describe("Fastify's own lines", () => {
  it('show neither the headers of a request nor the query of its address', async () => {
    const { logger, text } = capture();
    const app = Fastify({ loggerInstance: logger });
    app.get('/fail', async () => {
      throw new Error(`failed for ${SEEDS.email}`);
    });
    await app.inject({
      url: `/fail?key=SEED`,
      headers: { authorization: SEEDS.header, 'x-other': SEEDS.header },
    });
    await app.close();
    expect(text()).toContain('"path":"/fail"');
    expect(text()).toContain('"status":500');
    expect(text()).not.toMatch(/SEED|seed\.customer/);
  });
});
