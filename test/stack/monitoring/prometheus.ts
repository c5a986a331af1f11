/** The real Prometheus with our rules, scraping one replica each second instead of every fifteen. */
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { vi } from 'vitest';
import { stringify } from 'yaml';
import { z } from 'zod';
import { prometheusProgram } from '../../support/services/debian.js';
import {
  freePort,
  serverFolder,
  startServerProcess,
  untilReady,
} from '../../support/services/server-process.js';
import { PROMETHEUS } from '../../unit/monitoring/files.js';

export interface Prometheus {
  /** @param times scrapes in all, and rules evaluated after them */
  untilScraped(times: number): Promise<void>;
  /** Names of all rules that are loaded, sorted. */
  ruleNames(): Promise<string[]>;
  /** Names of alerts that fire; those that wait for their time to pass are not among them. */
  firing(): Promise<string[]>;
  /** @returns how many series answer */
  query(expression: string): Promise<{ status: string; error: string | undefined; count: number }>;
  stop(): Promise<void>;
}

const answerSchema = z.object({
  status: z.string(),
  error: z.string().optional(),
  data: z.object({ result: z.array(z.unknown()) }).optional(),
});
const rulesSchema = z.object({
  data: z.object({
    groups: z.array(
      z.object({ rules: z.array(z.object({ name: z.string(), state: z.string().optional() })) }),
    ),
  }),
});

/** Our rules with each group evaluated every second. */
function writeFolder(folder: string, target: URL): void {
  cpSync(join(PROMETHEUS, 'rules'), join(folder, 'rules'), { recursive: true });
  for (const name of readdirSync(join(folder, 'rules'))) {
    const file = join(folder, 'rules', name);
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(/^( +interval:) \d+s$/gm, '$1 1s'));
  }
  const config = {
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    rule_files: ['rules/*.yml'],
    scrape_configs: [{ job_name: 'orderdesk-mcp', static_configs: [{ targets: [target.host] }] }],
  };
  writeFileSync(join(folder, 'prometheus.yml'), stringify(config));
}

export async function startPrometheus(target: URL): Promise<Prometheus> {
  const folder = serverFolder('prometheus');
  writeFolder(folder, target);
  const port = await freePort();
  const api = (path: string) => `http://127.0.0.1:${port}${path}`;
  const server = await startServerProcess({
    command: [
      prometheusProgram(),
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=warn',
    ],
    folder,
    endSignal: 'KILL',
  });
  await untilReady(server, async () => {
    const ready = await fetch(api('/-/ready'));
    if (!ready.ok) throw new Error(await ready.text());
  });

  async function query(expression: string) {
    const response = await fetch(api('/api/v1/query'), {
      method: 'POST',
      body: new URLSearchParams({ query: expression }),
    });
    const { status, error, data } = answerSchema.parse(await response.json());
    return { status, error, count: data?.result.length ?? 0 };
  }
  async function loaded() {
    const { data } = rulesSchema.parse(await (await fetch(api('/api/v1/rules'))).json());
    return data.groups.flatMap(({ rules }) => rules);
  }
  return {
    query,
    async untilScraped(times) {
      const scraped = `sum_over_time(up{job="orderdesk-mcp"}[5m]) >= ${times} and on () count_over_time(slo:events:rate5m{slo="availability"}[5m]) >= ${times}`;
      await vi.waitFor(
        async () => {
          if ((await query(scraped)).count === 0) throw new Error(`not scraped:\n${server.lastWords()}`);
        },
        { timeout: 60_000, interval: 250 },
      );
    },
    ruleNames: async () => (await loaded()).map(({ name }) => name).sort(),
    firing: async () => (await loaded()).filter(({ state }) => state === 'firing').map(({ name }) => name),
    stop: () => server.stop(),
  };
}
