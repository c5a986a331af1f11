/**
 * Opens the embedded database of the build in the folder it is given and says what it finds there; then writes without
 * end, and says each id when its transaction was acknowledged. Its parent kills it.
 * Lines: `found <json>`, then `wrote <id>` for ever.
 */
import { randomUUID } from 'node:crypto';
import { writeSync } from 'node:fs';
import { argv, stdout } from 'node:process';
import { z } from 'zod';

/** @param {string} module a compiled module of the storage room */
const built = (module) => import(new URL(`../../dist/storage/${module}`, import.meta.url).href);
/** Straight into the pipe: what was said is not lost with the process. @param {string} line */
const say = (line) => writeSync(stdout.fd, `${line}\n`);

const { acquireDataDirLock } = await built('data-dir-lock.js');
const { openEmbedded } = await built('embedded.js');

const lock = await acquireDataDirLock(argv[2]);
const database = await openEmbedded(lock);

const found = await database.asSystem('migrate', (/** @type {import('../../src/storage/port.js').Tx} */ tx) =>
  tx.rows(
    z.object({ id: z.string(), stores: z.number() }),
    `select t.tenant_id as id, count(s.tenant_id) as stores
     from tenants t left join stores s using (tenant_id) group by t.tenant_id`,
  ),
);
say(`found ${JSON.stringify({ origin: database.origin, tenants: found })}`);

for (;;) {
  const id = randomUUID();
  await database.asTenant(id, async (/** @type {import('../../src/storage/port.js').Tx} */ tx) => {
    await tx.run(`insert into tenants (tenant_id, name, name_key, status) values ($1, 'x', $2, 'active')`, [
      id,
      id,
    ]);
    for (const store of ['one', 'two']) {
      await tx.run(
        `insert into stores (store_row_id, tenant_id, name, name_key, orderdesk_store_id, credential)
         values ($1, $2, $3, $3, $3, $4)`,
        [randomUUID(), id, store, new Uint8Array(512)],
      );
    }
  });
  say(`wrote ${id}`);
}
