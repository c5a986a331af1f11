/** Who may import what. A path ending in `/` names everything below it. */
import { type Import, importsOf, type SourceFile } from './source-tree.js';

/**
 * Files of ours whose values a room may use, beside its own. What is not listed may use anything: these are the
 * composition root and the commands.
 */
export const ROOMS: Readonly<Record<string, readonly string[]>> = {
  'errors.ts': [],
  'json-text.ts': [],
  'orders/': ['json-text.ts'],
  'mcp/': ['errors.ts', 'json-text.ts', 'telemetry/'],
  'tools/': ['orders/', 'mcp/', 'errors.ts'],
  'changes/': [
    'orders/',
    'errors.ts',
    'orderdesk/parse/',
    'orderdesk/shared-name.ts',
    'tenancy/ids.ts',
    'tenancy/repeat.ts',
  ],
  'telemetry/': ['errors.ts'],
  'redis/': [],
  'cache/': ['errors.ts', 'redis/'],
  'limits/': ['errors.ts', 'redis/'],
  'storage/': ['errors.ts'],
  'tenancy/': ['errors.ts'],
  'orderdesk/': ['errors.ts', 'cache/single-flight.ts', 'cache/until-aborted.ts'],
  'http/': ['errors.ts', 'mcp/'],
  'sandbox/': ['errors.ts'],
  'demo/': ['errors.ts'],
  'config.ts': ['config/', 'errors.ts', 'tenancy/secret.ts'],
  'config/': ['errors.ts', 'tenancy/secret.ts'],
};

/** Rooms that see others by their ports alone, even in types. */
export const PORTS_ONLY = ['orders/', 'mcp/', 'tools/'];

export const PORTS = [
  'cache/port.ts',
  'changes/intents.ts',
  'changes/port.ts',
  'limits/port.ts',
  'storage/port.ts',
  'telemetry/port.ts',
  'orderdesk/port.ts',
  'orderdesk/views.ts',
  'tenancy/cache-cipher.ts',
  'tenancy/ids.ts',
  'tenancy/principal.ts',
  'tenancy/masker.ts',
  'tenancy/sealer.ts',
  'tenancy/secret.ts',
  'tenancy/stores.ts',
];

/** Packages that one room wraps, so that the others need not know them. */
export const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  '@electric-sql/pglite': ['storage/'],
  '@fastify/under-pressure': ['http/'],
  '@modelcontextprotocol/server': ['mcp/'],
  bcrypt: ['tenancy/'],
  fastify: ['http/', 'sandbox/'],
  pg: ['storage/'],
  ioredis: ['redis/'],
  pino: ['telemetry/'],
  'pino-pretty': ['telemetry/'],
  'prom-client': ['telemetry/'],
  undici: ['orderdesk/'],
};

/** The only files that may import the sandbox. */
export const SANDBOX_USERS = ['app.ts', 'app/', 'cli.ts', 'cli/', 'sandbox/'];

const within = (path: string, places: readonly string[]): boolean =>
  places.some((place) => path === place || (place.endsWith('/') && path.startsWith(place)));

/** One sentence for each import that breaks a rule. */
export function violations(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) =>
    importsOf(file).flatMap((imported) => {
      const reason = imported.isOurs ? ownReason(file.path, imported) : packageReason(file.path, imported);
      return reason === undefined ? [] : [`${file.path} imports ${imported.target}: ${reason}`];
    }),
  );
}

function ownReason(path: string, { target, isTypeOnly }: Import): string | undefined {
  if (within(target, ['sandbox/']) && !within(path, SANDBOX_USERS))
    return 'the sandbox is for app and cli only';
  const room = Object.keys(ROOMS).find((place) => within(path, [place]));
  if (room === undefined || within(target, [room])) return undefined;
  if (within(target, ROOMS[room] ?? [])) return undefined;
  if (!isTypeOnly) return `${room} may use values of ${ROOMS[room]?.join(', ') || 'nothing of ours'} only`;
  return within(room, PORTS_ONLY) && !within(target, PORTS)
    ? `${room} sees other rooms by their ports only`
    : undefined;
}

function packageReason(path: string, { target, isTypeOnly }: Import): string | undefined {
  const owners = PACKAGES[target];
  const isFree = owners === undefined || isTypeOnly || within(path, owners);
  return isFree ? undefined : `only ${owners.join(' and ')} may use this package`;
}
