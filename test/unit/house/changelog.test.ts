/** Whoever upgrades goes over one migration at a time, and looks into the changelog to see which schema a release has. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from './source-tree.js';

it('the newest release in the changelog names the schema of the newest migration', () => {
  const [, newest = ''] = readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8').split(/^## /m);
  const versions = readdirSync(join(ROOT, 'src/storage/migrations')).map((name) => Number.parseInt(name, 10));
  expect(versions.length).toBeGreaterThan(3);
  expect(/^Schema: (\d+)\b/m.exec(newest)?.[1]).toBe(`${Math.max(...versions)}`);
});
