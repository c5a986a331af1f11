import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance } from '../../../src/config/names.js';
import { failure, load, variablesIn } from './load.js';

describe('a name that we do not know', () => {
  it.each([
    ['MCP_KMS_KEYS', 'MCP_KMS_KEY'],
    ['MCP_PORT', 'PORT'],
    ['CACHE_TTL_ORDER', 'CACHE_TTL_ORDERS'],
    ['ALLOW_EMBEDED', 'ALLOW_EMBEDDED'],
    ['AUTH_BCRYPT_COTS', 'AUTH_BCRYPT_COST'],
    ['UPSTREAM_TIMEOUT_MS', 'UPSTREAM_TIMEOUT'],
    ['ORDERDESK_API', 'ORDERDESK_API_URL'],
  ])('stops the start under a prefix of ours: %s, with the right name beside it', (name, meant) => {
    const error = failure({ [name]: '5' });
    expect(variablesIn(error)).toEqual([name]);
    expect(error.message).toContain(`Did you mean ${meant}?`);
  });

  it.each(['TRUSTPROXY', 'METRIC_TOKEN', 'ALLOWED_ORIGIN', 'PUBLIC_URI', 'NODE_EVN', 'trust_proxy'])(
    'stops the start when it is nearly a safety setting: %s',
    (name) => {
      expect(variablesIn(failure({ [name]: '1' }))).toEqual([name]);
    },
  );

  it('is a warning when it is nearly another setting', () => {
    expect(load({ LOG_LEVL: 'debug' }).warnings).toEqual([
      'LOG_LEVL is not known, but nearly LOG_LEVEL. Rename or remove it.',
    ]);
  });

  it('is none of our business otherwise', () => {
    const usual = {
      PATH: '/bin',
      HOME: '/',
      HOST: 'x',
      TERM: 'dumb',
      SHELL: 'sh',
      NODE_PATH: '/x',
      NODE_OPTIONS: '--a',
      npm_config_port: '1',
      NODE_EXE: 'node.exe',
      SMTP_HOST: 'mail',
      APP_HOST: 'app',
      TCP_HOST: 'x',
      IMAP_HOST: 'mail',
      AMQP_HOST: 'queue',
      MAX_HOST: 'x',
    };
    expect(load(usual).warnings).toEqual([]);
  });
});

describe('the links that Kubernetes sets for its services', () => {
  it('pass under our prefixes', () => {
    const links = {
      MCP_SERVICE_HOST: '10.0.0.1',
      MCP_SERVICE_PORT: '3000',
      MCP_SERVICE_PORT_HTTP: '3000',
      MCP_PORT: 'tcp://10.0.0.1:3000',
      ORDERDESK_MCP_PORT_3000_TCP: 'tcp://10.0.0.1:3000',
      ORDERDESK_MCP_PORT_3000_TCP_ADDR: '10.0.0.1',
      ORDERDESK_MCP_PORT_3000_TCP_PROTO: 'tcp',
    };
    expect(load(links)).toEqual(load({}));
  });

  it('do not hide a mistyped PORT', () => {
    expect(variablesIn(failure({ MCP_PORT: '8080' }))).toEqual(['MCP_PORT']);
  });
});

describe('editDistance', () => {
  it('counts single edits and swaps', () => {
    expect(editDistance('PORT', 'PORT')).toBe(0);
    expect(editDistance('PROT', 'PORT')).toBe(1);
    expect(editDistance('PORTS', 'PORT')).toBe(1);
    expect(editDistance('', 'PORT')).toBe(4);
  });

  it('is symmetric, and at most the length of the longer text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
  });
});
