import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PORTS, ROOMS, violations } from './import-rules.js';
import { filesBelow, importsOf, ROOT } from './source-tree.js';

const sources = filesBelow('src', ['.ts']);

describe('the rules of the house', () => {
  it('hold for every import in src', () => {
    expect(sources.length).toBeGreaterThan(50);
    expect(violations(sources)).toEqual([]);
  });

  it('name files and folders that exist', () => {
    const named = [...Object.keys(ROOMS), ...Object.values(ROOMS).flat(), ...PORTS];
    expect(named.filter((path) => !existsSync(`${ROOT}src/${path}`))).toEqual([]);
  });

  it('see every relative import: each leads to a file', () => {
    const paths = new Set(sources.map(({ path }) => path));
    const targets = sources.flatMap(importsOf).filter(({ isOurs }) => isOurs);
    expect(targets.length).toBeGreaterThan(100);
    expect(targets.map(({ target }) => target).filter((target) => !paths.has(target))).toEqual([]);
  });
});

describe('a planted violation', () => {
  const planted = (path: string, text: string) => violations([{ path, text }]);

  it.each([
    ['orders/row.ts', "import { AppError } from '../errors.js';"],
    ['orders/row.ts', "import type { Log } from '../telemetry/logger.js';"],
    ['errors.ts', "export { rows } from './orders/row.js';"],
    ['mcp/leg.ts', "import {\n  a,\n  type B,\n} from '../orderdesk/client.js';"],
    ['mcp/leg.ts', "export * from '../tools/index.js';"],
    ['tools/get-order.ts', "import '../orderdesk/client.js';"],
    ['tools/get-order.ts', "import type { Client } from '../orderdesk/client.js';"],
    ['tools/get-order.ts', "const { x } = await import('../storage/pglite.js');"],
    ['tools/get-order.ts', "import Fastify, { type FastifyInstance } from 'fastify';"],
    ['tools/get-order.ts', "import { Pool } from 'undici';"],
    ['orderdesk/client.ts', "import { createMemoryCache } from '../cache/memory.js';"],
    ['http/server.ts', "import { startSandbox } from '../sandbox/server.js';"],
    ['main.ts', "import { startSandbox } from './sandbox/server.js';"],
    ['main.ts', "import { validator } from '@modelcontextprotocol/server/validators/ajv';"],
  ])('is found: %s with %s', (path, text) => {
    expect(planted(path, `/** A comment. */\n${text}\n`)).toHaveLength(1);
  });

  it.each([
    ['tools/get-order.ts', "import type { StoreGateway } from '../orderdesk/port.js';"],
    ['tools/get-order.ts', "import { rows } from '../orders/row.js';\nimport { part } from './part.js';"],
    ['mcp/leg.ts', "import { createMetrics } from '../telemetry/metrics.js';"],
    ['app.ts', "import { startSandbox } from './sandbox/server.js';"],
    ['http/server.ts', "import Fastify from 'fastify';"],
    ['orders/row.ts', "// import { x } from '../errors.js';\n/* import { y } from '../errors.js'; */"],
    ['orders/row.ts', 'export const from = 1;'],
  ])('is not seen where there is none: %s with %s', (path, text) => {
    expect(planted(path, text)).toEqual([]);
  });
});
