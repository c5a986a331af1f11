/**
 * Leases on objects of Order Desk. The names belong to no tenant, so that two tenants with the same store exclude each
 * other. All statements take the rows in the order of their names: no two of them wait for each other.
 */
import type { Tx } from '../storage/port.js';
import type { Claim } from './ledger.js';

const TAKE = `insert into change_locks as held (lock_name, owner, lease_until)
  select name, $2::uuid, clock_timestamp() + $3::double precision * interval '1 millisecond'
  from unnest($1::text[]) as name order by name collate "C"
  on conflict (lock_name) do update set owner = excluded.owner, lease_until = excluded.lease_until
  where held.owner = excluded.owner or held.lease_until <= clock_timestamp()`;

const IN_ORDER = `select lock_name from change_locks where lock_name = any($1::text[]) and owner = $2::uuid
  order by lock_name collate "C" for update`;

const RENEW = `with held as (${IN_ORDER})
  update change_locks set lease_until = clock_timestamp() + $3::double precision * interval '1 millisecond'
  where lock_name in (select lock_name from held) and owner = $2::uuid and lease_until > clock_timestamp()`;

const RELEASE = `with held as (${IN_ORDER})
  delete from change_locks where lock_name in (select lock_name from held) and owner = $2::uuid`;

const distinct = (names: readonly string[]): readonly string[] => [...new Set(names)];

/** Takes what is free, over or held by this owner. Whoever gets `false` must roll back what was taken. */
export async function takeLocks(tx: Tx, { owner }: Claim, names: readonly string[], leaseMs: number) {
  const wanted = distinct(names);
  return (await tx.run(TAKE, [wanted, owner, leaseMs])) === wanted.length;
}

/** A new lease for locks that are all still held. Whoever gets `false` must roll back. */
export async function renewLocks(tx: Tx, { owner }: Claim, names: readonly string[], leaseMs: number) {
  const held = distinct(names);
  return (await tx.run(RENEW, [held, owner, leaseMs])) === held.length;
}

export async function releaseLocks(tx: Tx, { owner }: Claim, names: readonly string[]): Promise<void> {
  await tx.run(RELEASE, [distinct(names), owner]);
}
