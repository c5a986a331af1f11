/** What nginx may take in the compose file, and what its configuration can come to need; where it can be reached. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../house/source-tree.js';
import { composeDocument, serviceNamed } from './compose-file.js';

describe('nginx', () => {
  const settings = ['nginx.conf', 'limits.conf', 'listen.conf', 'listen-plain.conf']
    .map((name) => readFileSync(`${ROOT}nginx/${name}`, 'utf8'))
    .join('\n');
  const figure = (pattern: RegExp) => Number(pattern.exec(settings)?.[1]);
  const nginx = serviceNamed('nginx');
  const tmpMB = Number(/^\/tmp:size=(\d+)m,/.exec(nginx.tmpfs.join())?.[1]);

  it('has the memory for all its connections with TLS and a full /tmp', () => {
    const [workers, each] = [figure(/^worker_processes (\d+);$/m), figure(/worker_connections (\d+);/)];
    const connectionsMB = (workers * each * 40) / 1024;
    expect(connectionsMB).toBeGreaterThan(0);
    expect(Number.parseInt(nginx.deploy.resources.limits.memory, 10)).toBeGreaterThan(connectionsMB + tmpMB);
    expect(nginx.deploy.resources.limits.memory).toMatch(/M$/);
    expect(nginx.pids_limit).toBeGreaterThan(2 * workers + 1);
  });

  it('keeps large bodies of several addresses in /tmp', () => {
    const ofOneAddressMB = figure(/limit_conn large_bodies (\d+);/) * figure(/client_max_body_size (\d+)m;/);
    expect(tmpMB / ofOneAddressMB).toBeGreaterThanOrEqual(10);
  });

  it('listens on both families, and is published on IPv4 alone unless told', () => {
    for (const port of [80, 443]) {
      expect(settings).toMatch(new RegExp(`^listen ${port} (ssl )?default_server;$`, 'm'));
      expect(settings).toMatch(new RegExp(`^listen \\[::\\]:${port} (ssl )?default_server;$`, 'm'));
    }
    expect(nginx.ports).toEqual(['0.0.0.0:80:80', '0.0.0.0:443:443']);
    expect(composeDocument({ HTTPS_PUBLISH: '443' })).toMatchObject({
      services: { nginx: { ports: ['0.0.0.0:80:80', '443:443'] } },
    });
  });
});
