import { describe, expect, it } from 'vitest';
import { failure, load, PRODUCTION, ring, variablesIn } from './load.js';

describe('an empty environment', () => {
  it('gives the demo: loopback, sandbox, open metrics, nothing allowed from elsewhere', () => {
    const config = load({});
    expect(config).toMatchObject({
      profile: 'development',
      logLevel: 'info',
      dataDir: './data',
      shutdownGraceMs: 25_000,
      drainDelayMs: 0,
      http: {
        port: 3000,
        host: '127.0.0.1',
        publicUrl: undefined,
        allowedHosts: ['localhost', '127.0.0.1', '[::1]'],
        allowedOrigins: [],
        trustProxy: [],
      },
      keys: { kmsRing: undefined, pepperRing: undefined },
      auth: { staleMaxMs: 600_000, bcryptCost: 12 },
      upstream: {
        baseUrl: undefined,
        timeoutMs: 10_000,
        deadlineMs: 25_000,
        scanDeadlineMs: 55_000,
        maxBodyBytes: 16 * 1024 * 1024,
      },
      cache: { ordersTtlMs: 15_000, inventoryTtlMs: 60_000, storeTtlMs: 300_000 },
      metrics: { kind: 'open' },
      overrides: [],
      warnings: [],
    });
  });

  it('is frozen at every depth', () => {
    const config = load({ TRUST_PROXY: '10.0.0.0/8' });
    for (const part of [config, config.http, config.http.trustProxy, config.auth, config.warnings]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });

  it('is what empty values mean, too', () => {
    expect(
      load({ PORT: '', LOG_LEVEL: '  ', MCP_KMS_KEY: '', MCP_KMS_KEY_FILE: '', MCP_UNKNOWN: '' }),
    ).toEqual(load({}));
  });
});

describe('values', () => {
  it('are read in their units', () => {
    const config = load({
      PORT: '0',
      CACHE_TTL_ORDERS: '1.5',
      UPSTREAM_TIMEOUT: '0.5',
      UPSTREAM_MAX_BODY_MB: '2',
      AUTH_BCRYPT_COST: '4',
    });
    expect(config.http.port).toBe(0);
    expect(config.cache.ordersTtlMs).toBe(1500);
    expect(config.upstream).toMatchObject({ timeoutMs: 500, maxBodyBytes: 2 * 1024 * 1024 });
    expect(config.auth.bcryptCost).toBe(4);
  });

  it.each(['localhost', 'LOCALHOST', ' localhost '])(
    'read %j as one address to listen on, since the name may stand for two',
    (host) => {
      expect(load({ MCP_HOST: host })).toMatchObject({
        http: { host: '127.0.0.1' },
        metrics: { kind: 'open' },
      });
    },
  );

  it.each(['::1', '0.0.0.0', 'mcp.localhost', 'localhost.example.com'])('take %s as it is', (host) => {
    expect(load({ MCP_HOST: host }).http.host).toBe(host);
  });

  it('accept the hosts of PUBLIC_URL and MCP_ALLOWED_HOSTS in lower case', () => {
    const { http } = load({
      PUBLIC_URL: 'https://MCP.example.com:8443/',
      MCP_ALLOWED_HOSTS: 'Orderdesk-MCP, 10.1.2.3,[fd00::1]',
    });
    expect(http.publicUrl).toBe('https://mcp.example.com:8443');
    expect(http.allowedHosts).toEqual([
      'mcp.example.com',
      'localhost',
      '127.0.0.1',
      '[::1]',
      'orderdesk-mcp',
      '10.1.2.3',
      '[fd00::1]',
    ]);
  });

  it.each([
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '3e3'],
    ['PORT', '0x50'],
    ['NODE_ENV', 'prod'],
    ['LOG_LEVEL', 'verbose'],
    ['LOG_LEVEL', 'silent'],
    ['MCP_HOST', 'not a host'],
    ['PUBLIC_URL', 'http://mcp.example.com'],
    ['PUBLIC_URL', 'https://mcp.example.com/mcp'],
    ['PUBLIC_URL', 'https://user:pass@mcp.example.com'],
    ['PUBLIC_URL', 'mcp.example.com'],
    ['MCP_ALLOWED_HOSTS', 'mcp.example.com:3000'],
    ['MCP_ALLOWED_HOSTS', 'https://mcp.example.com'],
    ['ALLOWED_ORIGINS', '*'],
    ['ALLOWED_ORIGINS', 'null'],
    ['ALLOWED_ORIGINS', 'https://a.example.com/path'],
    ['ALLOWED_ORIGINS', 'https://a.example.com,,https://b.example.com'],
    ['TRUST_PROXY', 'true'],
    ['TRUST_PROXY', '0.0.0.0/0'],
    ['TRUST_PROXY', '::/0'],
    ['TRUST_PROXY', '10.0.0.0/33'],
    ['TRUST_PROXY', '10.0.0.0/8/8'],
    ['ORDERDESK_API_URL', 'ftp://example.com'],
    ['ORDERDESK_API_URL', 'https://example.com/api?key=1'],
    ['METRICS_TOKEN', 'short'],
    ['AUTH_BCRYPT_COST', '3'],
    ['AUTH_BCRYPT_COST', '16'],
    ['AUTH_STALE_MAX', '10m'],
    ['CACHE_TTL_ORDERS', '0'],
    ['UPSTREAM_TIMEOUT', '0'],
    ['ALLOW_EMBEDDED', 'yes'],
    ['MCP_KMS_KEY', 'k1:c2hvcnQ='],
  ])('refuse %s=%s by name', (name, value) => {
    expect(variablesIn(failure({ ...(name === 'NODE_ENV' ? PRODUCTION : {}), [name]: value }))).toEqual([
      name,
    ]);
  });

  it('refuse a request time above the deadline of the whole call', () => {
    expect(variablesIn(failure({ UPSTREAM_TIMEOUT: '30', UPSTREAM_DEADLINE: '5' }))).toEqual([
      'UPSTREAM_TIMEOUT',
    ]);
  });
});

describe('a refused configuration', () => {
  const error = failure({
    NODE_ENV: 'production',
    PORT: 'http',
    LOG_LEVEL: 'loud',
    MCP_KMS_KEY: 'k1:bm90LXRoZS1yaWdodC1sZW5ndGg=',
    METRICS_TOKEN: 'tiny-secret',
    MCP_PROT: '1',
    REDIS_URL: 'http://:hunter2hunter2@cache:6379',
  });

  it('names every problem at once', () => {
    expect(variablesIn(error).sort()).toEqual([
      'DATABASE_URL',
      'LOG_LEVEL',
      'MCP_KEY_PEPPER',
      'MCP_KMS_KEY',
      'MCP_PROT',
      'METRICS_TOKEN',
      'PORT',
      'PUBLIC_URL',
      'REDIS_URL',
    ]);
  });

  it('says for each what is wrong and what to do', () => {
    for (const { variable, problem, remedy } of error.problems) {
      expect(problem).not.toBe('');
      expect(remedy).not.toBe('');
      expect(error.message).toContain(`- ${variable} ${problem}. ${remedy}`);
    }
    expect(error.message).toContain('PORT is not a whole number from 0 to 65535. For example PORT=3000');
  });

  it('repeats no value', () => {
    for (const value of ['tiny-secret', 'bm90LXRo', 'hunter2', 'loud'])
      expect(error.message).not.toContain(value);
  });
});

describe('secrets in files', () => {
  const files = { '/run/kms': `${ring('k1', 1)}\n`, '/run/crlf': `${ring('k1', 1)}\r\n`, '/run/empty': '\n' };

  it('are read without their last newline', () => {
    for (const path of ['/run/kms', '/run/crlf']) {
      expect(load({ MCP_KMS_KEY_FILE: path }, files).keys.kmsRing?.current.id).toBe('k1');
    }
  });

  it('are refused beside the variable itself', () => {
    const error = failure({ MCP_KMS_KEY: ring('k1', 1), MCP_KMS_KEY_FILE: '/run/kms' }, files);
    expect(error.message).toContain('MCP_KMS_KEY is set, and so is MCP_KMS_KEY_FILE');
  });

  it('are refused when the file cannot be read, without repeating what may be the secret itself', () => {
    const error = failure({ METRICS_TOKEN_FILE: 'the-token-by-mistake' }, files);
    expect(variablesIn(error)).toEqual(['METRICS_TOKEN_FILE']);
    expect(error.message).toContain('ENOENT');
    expect(error.message).not.toContain('the-token-by-mistake');
  });

  it('are refused when the file is empty', () => {
    expect(variablesIn(failure({ MCP_KEY_PEPPER_FILE: '/run/empty' }, files))).toEqual([
      'MCP_KEY_PEPPER_FILE',
    ]);
  });

  it('are not reported as missing on top', () => {
    const { MCP_KMS_KEY: _, ...rest } = PRODUCTION;
    expect(variablesIn(failure({ ...rest, MCP_KMS_KEY_FILE: '/nowhere' }))).toEqual(['MCP_KMS_KEY_FILE']);
  });
});

describe('a loaded configuration', () => {
  it('prints no secret', () => {
    const config = load({ ...PRODUCTION, METRICS_TOKEN: 'correct-horse-battery-staple' });
    expect(config.metrics).toMatchObject({ kind: 'token' });
    const printed = JSON.stringify(config);
    expect(printed).not.toContain('correct-horse');
    expect(printed).not.toContain(PRODUCTION.MCP_KMS_KEY.slice(3, 20));
  });
});

describe('NODE_EXTRA_CA_CERTS', () => {
  const at = { NODE_EXTRA_CA_CERTS: '/etc/ssl/own.pem' };

  it('names a file of certificates, or the start is refused', () => {
    const pem = '-----BEGIN CERTIFICATE-----\nbWFkZSB1cA==\n-----END CERTIFICATE-----\n';
    expect(load(at, { '/etc/ssl/own.pem': pem }).warnings).toEqual([]);
    expect(failure(at).message).toMatch(/NODE_EXTRA_CA_CERTS names a file that cannot be read \(ENOENT\)/);
    expect(failure(at, { '/etc/ssl/own.pem': 'x' }).message).toMatch(/without a PEM certificate/);
  });
});
