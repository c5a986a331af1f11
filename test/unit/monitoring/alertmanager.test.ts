/** What the runbook tells an operator to write, so that alerts reach somebody, fits what is here. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { blocksOf } from '../../support/stack/documents.js';
import { compose, mountsOf, serviceNamed } from '../container/compose-file.js';
import { ROOT } from '../house/source-tree.js';
import { alertNames, rules, runbook } from './files.js';

const targets = z.array(z.object({ targets: z.array(z.string()) }));
const secondFile = z.object({
  services: z.record(
    z.string(),
    z.object({
      profiles: z.array(z.string()),
      networks: z.array(z.string()),
      secrets: z.array(z.string()),
      volumes: z.array(z.string()),
      command: z.array(z.string()),
    }),
  ),
  volumes: z.record(z.string(), z.object({})),
  secrets: z.record(z.string(), z.object({ file: z.string() })),
});
const alertmanager = z.object({
  route: z.object({
    receiver: z.string(),
    routes: z.array(z.object({ receiver: z.string(), matchers: z.array(z.string()) })),
  }),
  inhibit_rules: z.array(
    z.object({ source_matchers: z.array(z.string()), target_matchers: z.array(z.string()) }),
  ),
  receivers: z.array(
    z.object({ name: z.string(), webhook_configs: z.array(z.object({ url_file: z.string() })) }),
  ),
});
const prometheus = z.object({
  alerting: z.object({
    alertmanagers: z.array(z.object({ file_sd_configs: z.array(z.object({ files: z.array(z.string()) })) })),
  }),
});

const [addresses, second, config] = blocksOf('runbook', runbook())
  .filter(({ section, mark }) => section === 'Who is told' && mark === 'yaml')
  .map(({ text }): unknown => parse(text));
const { services, secrets, volumes } = secondFile.parse(second);
const { route, receivers, inhibit_rules: inhibits } = alertmanager.parse(config);
const valuesOf = (matchers: readonly string[]) =>
  matchers.flatMap((matcher) => (/"(.+)"$/.exec(matcher)?.[1] ?? '').split('|'));

describe('the Alertmanager of the runbook', () => {
  it('is where Prometheus looks for one', () => {
    const hosts = targets.parse(addresses).flatMap(({ targets: each }) => each);
    expect(hosts.map((host) => host.split(':')[0])).toEqual(Object.keys(services));
    const { alerting } = prometheus.parse(
      parse(readFileSync(join(ROOT, 'docker/prometheus/prometheus.yml'), 'utf8')),
    );
    const files = alerting.alertmanagers.flatMap(({ file_sd_configs: found }) => found);
    const [file = ''] = files.flatMap((each) => each.files);
    const mount = mountsOf(serviceNamed('prometheus')).find(({ target }) => target === '/etc/prometheus');
    expect(runbook()).toContain(`\`${join(mount?.source ?? '', file)}\``);
  });

  it('is on the networks of the compose file, with Prometheus and with a way out, and has what it names', () => {
    const [own] = Object.values(services);
    expect(own?.networks).toContain(serviceNamed('prometheus').networks[0]);
    expect(own?.networks.map((name) => compose.networks[name]?.internal)).toEqual([true, false]);
    expect(own?.profiles).toEqual(serviceNamed('prometheus').profiles);
    expect(own?.secrets).toEqual(Object.keys(secrets));
    expect(own?.volumes.map((mount) => mount.split(':')[0])).toEqual([
      './alertmanager',
      ...Object.keys(volumes),
    ]);
    const mounted = Object.keys(secrets).map((name) => `/run/secrets/${name}`);
    expect(receivers.flatMap((each) => each.webhook_configs.map((hook) => hook.url_file))).toEqual(mounted);
  });

  it('calls by severities and silences alerts that exist, each to a receiver', () => {
    const severities = new Set(rules().map(({ labels }) => labels?.severity));
    expect(route.routes.flatMap(({ matchers }) => valuesOf(matchers)).every((of) => severities.has(of))).toBe(
      true,
    );
    const named = inhibits.flatMap((each) => [...each.source_matchers, ...each.target_matchers]);
    expect(valuesOf(named).length).toBeGreaterThan(3);
    expect(valuesOf(named).filter((name) => !alertNames().includes(name))).toEqual([]);
    expect([route, ...route.routes].map(({ receiver }) => receiver).toSorted()).toEqual(
      receivers.map(({ name }) => name).toSorted(),
    );
  });
});
