/**
 * Real Prometheus with the files of `docker/prometheus`. Three things are not as in production: the replicas are listed
 * by address instead of looked up, the metrics token lies in the test's folder, and nobody waits 15 s for a scrape or a rule.
 */
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { projectRoot } from '../running-program.js';
import { prometheusProgram } from '../services/debian.js';
import { freePort, serverFolder, startServerProcess, untilReady } from '../services/server-process.js';

export interface PrometheusOptions {
  /** `host:port` of each replica. */
  readonly targets: readonly string[];
  /** Any, where the replicas ask for none. */
  readonly metricsToken: string;
  /** Seconds between scrapes, and between evaluations of every rule; 3 unless told. */
  readonly everyS?: number;
}

export interface PrometheusTarget {
  readonly job: string;
  readonly address: string;
  /** `unknown` until it has been scraped once. */
  readonly health: 'up' | 'down' | 'unknown';
  readonly lastError: string;
}

export interface RuleGroup {
  readonly name: string;
  /** `unknown` until they have been evaluated once. */
  readonly rules: readonly {
    readonly name: string;
    readonly health: string;
    /** `firing`, `pending` or `inactive`; of alerts only. */
    readonly state?: string | undefined;
  }[];
}

export interface Prometheus {
  readonly url: string;
  targets(): Promise<readonly PrometheusTarget[]>;
  ruleGroups(): Promise<readonly RuleGroup[]>;
  /**
   * The value of an instant query for each series that it finds, as text.
   * @throws Error with the words of Prometheus for an expression that fails
   */
  query(expression: string): Promise<readonly string[]>;
  stop(): Promise<void>;
}

const EVERY_S = 3;
const SOURCE = join(projectRoot, 'docker/prometheus');

const answerOf = <Data extends z.ZodType>(data: Data) => z.object({ status: z.literal('success'), data });
const targets = answerOf(
  z.object({
    activeTargets: z.array(
      z.object({
        labels: z.object({ job: z.string(), instance: z.string() }),
        health: z.enum(['up', 'down', 'unknown']),
        lastError: z.string(),
      }),
    ),
  }),
);
const rules = answerOf(
  z.object({
    groups: z.array(
      z.object({
        name: z.string(),
        rules: z.array(z.object({ name: z.string(), health: z.string(), state: z.string().optional() })),
      }),
    ),
  }),
);
const vector = answerOf(
  z.object({ result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })) }),
);
const refusal = z.object({ status: z.literal('error'), error: z.string() });

/** @throws ServiceMissing */
export async function startPrometheus(options: PrometheusOptions): Promise<Prometheus> {
  const folder = serverFolder('prometheus');
  const port = await freePort();
  const interval = `${options.everyS ?? EVERY_S}s`;
  writeRules(join(folder, 'rules'), interval);
  writeFileSync(join(folder, 'prometheus.yml'), configuration(options, { folder, port, interval }));
  writeFileSync(join(folder, 'metrics_token'), options.metricsToken);
  // The account that runs it makes its own below this one, which is its own.
  const data = join(folder, 'data');
  const server = await startServerProcess({
    command: [
      prometheusProgram(),
      ...[`--config.file=${join(folder, 'prometheus.yml')}`, `--storage.tsdb.path=${data}`],
      ...[`--web.listen-address=127.0.0.1:${port}`, '--log.level=warn'],
    ],
    folder,
    endSignal: 'KILL',
  });
  const url = `http://127.0.0.1:${port}`;
  const ask = async <Answer>(path: string, schema: z.ZodType<Answer>): Promise<Answer> =>
    schema.parse(await (await fetch(`${url}/api/v1/${path}`)).json());
  async function query(expression: string): Promise<readonly string[]> {
    const body = new URLSearchParams({ query: expression });
    const answer: unknown = await (await fetch(`${url}/api/v1/query`, { method: 'POST', body })).json();
    const refused = refusal.safeParse(answer);
    if (refused.success) throw new Error(`${expression}: ${refused.data.error}`);
    return vector.parse(answer).data.result.map(({ value: [, value] }) => value);
  }
  await untilReady(server, async () => {
    if (!(await fetch(`${url}/-/ready`)).ok) throw new Error('not ready');
  });
  return {
    url,
    targets: async () =>
      (await ask('targets?state=active', targets)).data.activeTargets.map(
        ({ labels, health, lastError }) => ({
          job: labels.job,
          address: labels.instance,
          health,
          lastError,
        }),
      ),
    ruleGroups: async () => (await ask('rules', rules)).data.groups,
    query,
    stop: () => server.stop(),
  };
}

/** Those of production, each group as often as there is a scrape. */
function writeRules(folder: string, interval: string): void {
  cpSync(join(SOURCE, 'rules'), folder, { recursive: true });
  for (const name of readdirSync(folder)) {
    const file = join(folder, name);
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(/^( +interval:) \d+s$/gm, `$1 ${interval}`));
  }
}

interface Place {
  readonly folder: string;
  readonly port: number;
  readonly interval: string;
}

/** @throws Error when the production file no longer has what is changed here */
function configuration({ targets }: PrometheusOptions, { folder, port, interval }: Place): string {
  const text = readFileSync(join(SOURCE, 'prometheus.yml'), 'utf8');
  const document = parseDocument(text);
  const ofReplicas = ['scrape_configs', 0];
  const [dns, token] = [
    [...ofReplicas, 'dns_sd_configs'],
    [...ofReplicas, 'authorization', 'credentials_file'],
  ];
  const itself = ['scrape_configs', 1, 'static_configs', 0, 'targets', 0];
  for (const path of [dns, token, itself]) {
    if (!document.hasIn(path)) throw new Error(`docker/prometheus/prometheus.yml has no ${path.join('.')}`);
  }
  document.deleteIn(dns);
  for (const name of ['scrape_interval', 'scrape_timeout', 'evaluation_interval']) {
    document.setIn(['global', name], interval);
  }
  document.setIn([...ofReplicas, 'static_configs'], [{ targets }]);
  document.setIn(token, join(folder, 'metrics_token'));
  document.setIn(itself, `127.0.0.1:${port}`);
  return document.toString();
}
