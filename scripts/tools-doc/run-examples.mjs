/**
 * Runs examples against the product as it is built: a server on a database in memory and the sandbox, asked over HTTP.
 * The present is fixed and so is the sandbox; each example has a server of its own, so that its cache is cold.
 */
import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { DEFAULT_STORE } from './demo-stores.mjs';
import { AT } from './examples.mjs';

/** @typedef {import('./examples.mjs').Example} Example */
/**
 * @typedef {object} Run
 * @property {Example} example
 * @property {Record<string, unknown>} arguments as they were sent
 * @property {Record<string, unknown>} answer the structured content; an error has none
 * @property {string} text as the model gets it
 * @property {number} cold requests to Order Desk
 * @property {number} again the same for the call repeated at once
 */

// The build may not be there when types are checked, hence addresses instead of plain imports.
/** @param {string} module */
const built = (module) => import(new URL(`../../dist/${module}`, import.meta.url).href);

const { CONTACT_MADE } = await built('app/foundation.js');
const { readConfig } = await built('app/read-config.js');
const { createServer } = await built('app.js');
const { defaultSandboxStores, startSandbox } = await built('sandbox/index.js');
const { openInMemory } = await built('storage/embedded.js');
const { makeRingText, parseKeyRing } = await built('tenancy/rings/key-ring.js');
const toolsets = await built('tools/toolsets.js');
const TOOLSETS = toolsets.TOOLSETS.map((/** @type {{ name: string }} */ { name }) => name);
const { makeDemoTenant, DEMO_TENANT } = await built('demo/first-run.js');

const now = () => AT;
const nothing = async () => {};

/** What all examples share: the sandbox, a database with the tenant of the demo, and its keys. */
export async function openStage() {
  const sandbox = await startSandbox({ stores: defaultSandboxStores, rateLimit: false, now });
  const database = await openInMemory();
  const foundation = {
    database,
    contact: CONTACT_MADE,
    kmsRing: parseKeyRing(makeRingText('k1', randomBytes), 'MCP_KMS_KEY'),
    pepperRing: parseKeyRing(makeRingText('p1', randomBytes), 'MCP_KEY_PEPPER'),
    close: nothing,
  };
  const upstream = { baseUrl: new URL(sandbox.url), sandboxStores: undefined, close: nothing };

  /** @param {NodeJS.ProcessEnv} env @param {(server: any, url: string) => Promise<any>} work */
  async function withServer(env, work) {
    const config = readConfig({
      NODE_ENV: 'test',
      PORT: '0',
      AUTH_BCRYPT_COST: '4',
      ORDERDESK_API_URL: sandbox.url,
      ...env,
    });
    const server = await createServer(foundation, upstream, config, pino({ level: 'silent' }), now);
    try {
      const url = await server.listen();
      server.declareReady();
      return await work(server, url);
    } finally {
      await server.close();
    }
  }

  const { keys, ...definitions } = await withServer({}, async ({ operations }, url) => {
    const full = await makeDemoTenant(operations, defaultSandboxStores);
    const forMasked = { tenant: DEMO_TENANT, name: 'masked', role: 'agent', mask: true };
    const masked = (await operations.createKey.run(forMasked)).key;
    const every = { tenant: DEMO_TENANT, name: 'everything', role: 'owner', toolsets: TOOLSETS };
    const owner = (await operations.createKey.run(every)).key;
    const list = async (/** @type {string} */ path, /** @type {string} */ key) =>
      (await ask(`${url}${path}`, key, 'tools/list', {})).tools;
    const tools = await list('?toolsets=default', full);
    return {
      keys: { full, masked, owner },
      tools,
      boundTools: await list(`/${encodeURIComponent(DEFAULT_STORE)}?toolsets=default`, full),
      otherTools: (await list('', owner)).filter((/** @type {{ name: string }} */ { name }) =>
        tools.every((/** @type {{ name: string }} */ tool) => tool.name !== name),
      ),
    };
  });

  return {
    /** @type {import('./page.mjs').Definition[]} as a key with several stores gets them */
    tools: definitions.tools,
    /** @type {import('./page.mjs').Definition[]} as a caller bound to one store gets them */
    boundTools: definitions.boundTools,
    /** @type {import('./page.mjs').Definition[]} that keys are given beyond the default ones */
    otherTools: definitions.otherTools,

    /** @param {Example} example @param {Run | undefined} previous @returns {Promise<Run>} */
    run: (example, previous) =>
      withServer(budgetFor(example), async (_server, url) => {
        const { tool, masked = false, fails = false } = example;
        const args =
          typeof example.arguments === 'function'
            ? example.arguments(previous?.answer ?? {})
            : example.arguments;
        const isDefault = definitions.tools.some((/** @type {{ name: string }} */ { name }) => name === tool);
        const key = masked ? keys.masked : isDefault ? keys.full : keys.owner;
        const call = async () => {
          sandbox.resetCounters();
          const params = { name: tool, arguments: args };
          const result = await ask(url, key, 'tools/call', params);
          return { result, calls: sandbox.counters().total };
        };
        const first = await call();
        const { calls: again } = await call();
        const text = textOf(first.result);
        if ((first.result.isError === true) !== fails) {
          throw new Error(`The example of ${tool} "${example.says}" was answered: ${text}`);
        }
        const answer = first.result.structuredContent ?? {};
        return { example, arguments: args, answer, text, cold: first.calls, again };
      }),

    async close() {
      await sandbox.close();
      await database.close();
    },
  };
}

/** @param {{ content: { text: string }[] }} result */
const textOf = ({ content }) => content.map(({ text }) => text).join('\n');

/** No example waits for its budget; the tool that shows the budget has the usual one. @param {Example} example */
const budgetFor = ({ tool }) =>
  tool === 'list_stores' ? {} : { UPSTREAM_BUDGET_BURST: '100000', UPSTREAM_BUDGET_RATE: '10000' };

/**
 * @param {string} url @param {string} key @param {string} method @param {Record<string, unknown>} params
 * @returns {Promise<any>} the result
 */
async function ask(url, key, method, params) {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      authorization: `Bearer ${key}`,
      'user-agent': 'example-agent/1.0',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  /** @type {any} */
  const { result, error } = await response.json();
  if (result === undefined) throw new Error(`${method}: ${JSON.stringify(error)}`);
  return result;
}
