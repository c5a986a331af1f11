/**
 * A run of all tools that write, through success, refusal and broken answers: the log in full, metrics and our own words in
 * errors hold nothing of what was planted, and no credential.
 */
import { describe, expect, it } from 'vitest';
import { createLogger } from '../../../src/telemetry/logger.js';
import { type PlantedRun, plantedIn, runPlanted } from '../../support/changes/planted.js';
import { ALL_TOOLSETS, openWritingShop } from '../../support/changes/writing-shop.js';

const STORE = {
  id: '963',
  apiKey: 'planted-order-desk-key-963',
  name: 'Logged',
  timeZone: 'UTC',
  orderCount: 3,
};

interface Seen {
  readonly log: string;
  readonly metrics: string;
  readonly run: PlantedRun;
  readonly credentials: readonly string[];
}

async function watched(): Promise<Seen> {
  const lines: string[] = [];
  const log = createLogger({
    level: 'trace',
    pretty: false,
    redaction: 'on',
    destination: { write: (line) => lines.push(line) },
  });
  const shop = await openWritingShop({ stores: [STORE], log });
  await shop.addTenant('logged', [STORE.id]);
  const key = await shop.addKey('logged', { toolsets: ALL_TOOLSETS });
  const run = await runPlanted(shop, STORE.id, key);
  await shop.call(key, 'list_changes', { limit: 100 });
  const metrics = await (await fetch(new URL('/metrics', shop.url))).text();
  const { smtpPassword } = shop.sandbox.store(STORE.id);
  await shop.close();
  return { log: lines.join(''), metrics, run, credentials: [key, key.slice(15), STORE.apiKey, smtpPassword] };
}

describe('a run of writes', () => {
  it('leaves nothing of customers or credentials in log, metrics and errors', async () => {
    const { log, metrics, run, credentials } = await watched();
    const errors = run.texts.flatMap(ownWords);
    expect(plantedIn(run.texts.join('\n')).length).toBeGreaterThan(20);
    expect(log.match(/"msg":"tool call"/g)?.length).toBeGreaterThan(50);
    expect(log).toContain('"tool":"undo_change"');
    expect(metrics).toMatch(/tool="update_order".* [1-9]/);
    expect(errors.length).toBeGreaterThan(6);
    for (const [what, text] of Object.entries({ log, metrics, errors: errors.join('\n') })) {
      const told = text.split('\n').filter((line) => plantedIn(line).length > 0);
      expect(told, what).toEqual([]);
      for (const credential of credentials) expect(text, what).not.toContain(credential);
    }
    for (const credential of credentials) expect(run.texts.join('\n')).not.toContain(credential);
  });
});

/** The first text of an error is ours alone; what others wrote follows in one of its own. */
function ownWords(text: string): string[] {
  const { result } = JSON.parse(text);
  return result?.isError === true ? [result.content[0].text] : [];
}
