/** docker-compose.production.yml as Compose sees it: with its defaults put in, merged, and read. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { ROOT } from '../house/source-tree.js';

const textOrNumber = z.union([z.string(), z.number()]).transform(String);

const service = z.object({
  image: z.string(),
  build: z.object({ context: z.string(), dockerfile: z.string() }).optional(),
  user: z.string().optional(),
  container_name: z.string().optional(),
  restart: z.string(),
  init: z.boolean().optional(),
  read_only: z.boolean().optional(),
  cap_drop: z.array(z.string()).optional(),
  cap_add: z.array(z.string()).optional(),
  security_opt: z.array(z.string()).optional(),
  privileged: z.boolean().optional(),
  profiles: z.array(z.string()).default([]),
  command: z.array(z.string()).default([]),
  entrypoint: z.array(z.string()).optional(),
  env_file: z.array(z.string()).default([]),
  environment: z.record(z.string(), textOrNumber).default({}),
  secrets: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  tmpfs: z.array(z.string()).default([]),
  networks: z.array(z.string()),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  healthcheck: z.object({ test: z.array(z.string()).optional(), disable: z.boolean().optional() }).loose(),
  stop_grace_period: z.string().optional(),
  pids_limit: z.int(),
  logging: z.object({ driver: z.string(), options: z.record(z.string(), z.string()) }),
  deploy: z.object({
    replicas: z.int().optional(),
    resources: z.object({ limits: z.object({ cpus: z.string(), memory: z.string() }) }),
  }),
});
export type Service = z.infer<typeof service>;

const file = z.object({
  services: z.record(z.string(), service),
  networks: z.record(
    z.string(),
    z.object({
      internal: z.boolean().default(false),
      ipam: z.object({ config: z.array(z.object({ subnet: z.string() })) }).optional(),
    }),
  ),
  volumes: z.record(z.string(), z.object({})),
  secrets: z.record(z.string(), z.object({ file: z.string() })),
});

export const composeText = readFileSync(`${ROOT}docker-compose.production.yml`, 'utf8');

/** `${NAME:-default}`, the one form the file uses. */
const VARIABLE = /\$\{([A-Z_]+):-([^}]*)\}/g;

export const composeVariables = [...composeText.matchAll(VARIABLE)].map(([, name = '']) => name);

/** @param set what stands in the environment of Compose */
export const composeDocument = (set: Readonly<Record<string, string>> = {}): unknown =>
  parse(
    composeText.replace(VARIABLE, (_all, name, standard) => set[name] ?? standard),
    { merge: true },
  );

export const compose = file.parse(composeDocument());

export const serviceNamed = (name: string): Service => {
  const found = compose.services[name];
  if (found === undefined) throw new Error(`no service ${name}`);
  return found;
};

/** `source:target[:ro]` of each mount. */
export const mountsOf = ({ volumes }: Service) =>
  volumes.map((text) => {
    const [source = '', target = '', mode] = text.split(':');
    return { source, target, readOnly: mode === 'ro' };
  });

/** Compose's durations, of the two units we use, in seconds. */
export function secondsOf(duration: string): number {
  const [, amount, unit] = /^(\d+)(s|m)$/.exec(duration) ?? [];
  if (amount === undefined) throw new Error(`not a duration: ${duration}`);
  return Number(amount) * (unit === 'm' ? 60 : 1);
}
