/** Entries of the ledger, for whoever may see their stores. */
import { AppError } from '../errors.js';
import type { Database } from '../storage/port.js';
import { isUuid } from '../tenancy/ids.js';
import type { Principal } from '../tenancy/principal.js';
import type { StoreEntry } from '../tenancy/stores.js';
import type { StoredChange } from './ledger.js';
import type { ImageBox } from './ledger-images.js';
import { type ChangeRow, COLUMNS, changeRow, storedChange, UNDONE_BY } from './ledger-rows.js';
import type { ChangeEntry, ChangeFilter, ChangePage } from './port.js';

const GET = `select ${COLUMNS}, ${UNDONE_BY} from changes c
  where c.tenant_id = $1 and c.change_id = $2 and c.store_row_id = any($3::uuid[])`;

/** Ids are made of the time: the newest come first. */
const LIST = `select ${COLUMNS}, ${UNDONE_BY} from changes c
  where c.tenant_id = $1 and c.store_row_id = any($2::uuid[])
    and ($3::text is null or c.targets @> array[$3::text])
    and ($4::text is null or c.kid = $4 or c.key_name = $4)
    and ($5::timestamptz is null or c.created_at >= $5)
    and ($6::text is null or c.state = $6)
    and ($7::uuid is null or c.change_id < $7)
  order by c.change_id desc limit $8`;

const ALL = 100;

export const changeNotFound = (): AppError =>
  new AppError('not_found', 'No such change for this key.', {
    field: 'change_id',
    hint: 'list_changes shows the changes that this key may see.',
  });

export async function getChange(
  database: Database,
  box: ImageBox,
  principal: Principal,
  stores: readonly StoreEntry[],
  changeId: string,
): Promise<StoredChange> {
  if (!isUuid(changeId)) throw changeNotFound();
  const { tenantId } = principal;
  const visible = inScope(principal, stores);
  const [row] = await database.asTenant(tenantId, (tx) =>
    tx.rows(changeRow, GET, [tenantId, changeId, [...visible.keys()]]),
  );
  if (row === undefined) throw changeNotFound();
  return opened(box, row, visible);
}

export async function listChanges(
  database: Database,
  box: ImageBox,
  principal: Principal,
  filter: ChangeFilter,
): Promise<ChangePage> {
  const { after, orderId, key, since, state } = filter;
  if (after !== undefined && !isUuid(after)) throw new AppError('invalid_cursor');
  const { tenantId } = principal;
  const visible = inScope(principal, filter.stores);
  const limit = Math.min(filter.limit, ALL);
  const rows = await database.asTenant(tenantId, (tx) =>
    tx.rows(changeRow, LIST, [
      tenantId,
      [...visible.keys()],
      orderId === undefined ? null : `order:${orderId}`,
      key ?? null,
      since ?? null,
      state ?? null,
      after ?? null,
      limit + 1,
    ]),
  );
  const entries: ChangeEntry[] = [];
  for (const row of rows.slice(0, limit)) entries.push(await opened(box, row, visible));
  return { entries, hasMore: rows.length > limit };
}

/** Names of the stores by row: those given that the scope has as well. */
function inScope({ tenantId, scope }: Principal, stores: readonly StoreEntry[]): ReadonlyMap<string, string> {
  const allowed = stores.filter(
    (store) => store.tenantId === tenantId && (scope.stores === 'all' || scope.stores.includes(store.rowId)),
  );
  return new Map(allowed.map(({ rowId, name }) => [rowId, name]));
}

async function opened(
  box: ImageBox,
  row: ChangeRow,
  names: ReadonlyMap<string, string>,
): Promise<StoredChange> {
  const images = await box.peek(row.tenant_id, row.change_id, row.images);
  return storedChange(row, names.get(row.store_row_id) ?? null, images);
}
