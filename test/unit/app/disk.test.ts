import { join } from 'node:path';
import { expect, it } from 'vitest';
import { diskOf } from '../../../src/app/disk.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

it('tells how full the disk of a folder is', async () => {
  const use = await diskOf(await temporaryFolder())();
  expect(use?.usedRatio).toBeGreaterThan(0);
  expect(use?.usedRatio).toBeLessThanOrEqual(1);
  expect(Number.isInteger(use?.freeBytes)).toBe(true);
});

it('tells it of the folder above where the folder is not there', async () => {
  const folder = await temporaryFolder();
  const missing = await diskOf(join(folder, 'never', 'made'))();
  expect(missing?.usedRatio).toBeGreaterThan(0);
});
