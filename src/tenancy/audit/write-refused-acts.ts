/** Brings counted acts into the trail: refused keys by the job `audit`, tools outside a scope as each tenant. */
import type { Database } from '../../storage/port.js';
import { type Clock, newId, type RandomBytes, type TenantId } from '../ids.js';
import { eventWriter } from './events.js';
import type { RefusedAct } from './port.js';
import type { CountedAct, RefusedActs } from './refused-acts.js';

export interface WriteDeps {
  readonly database: Database;
  readonly now: Clock;
  readonly random: RandomBytes;
}

type Counted<Kind extends RefusedAct['kind']> = CountedAct & {
  readonly act: Extract<RefusedAct, { kind: Kind }>;
};

const isKind =
  <Kind extends RefusedAct['kind']>(kind: Kind) =>
  (counted: CountedAct): counted is Counted<Kind> =>
    counted.act.kind === kind;

/** What cannot be written stays counted. @throws whatever the database throws */
export async function writeRefusedActs(
  acts: RefusedActs,
  what: 'ended' | 'all',
  deps: WriteDeps,
): Promise<void> {
  const taken = acts.take(what);
  const keys = taken.filter(isKind('key_refused'));
  const byTenant = new Map<TenantId, Counted<'scope_violated'>[]>();
  for (const counted of taken.filter(isKind('scope_violated'))) {
    const { tenantId } = counted.act;
    byTenant.set(tenantId, [...(byTenant.get(tenantId) ?? []), counted]);
  }
  const waiting = new Set<CountedAct>(taken);
  try {
    await writeKeyRefusals(keys, deps);
    for (const counted of keys) waiting.delete(counted);
    for (const [tenantId, violations] of byTenant) {
      await writeViolations(tenantId, violations, deps);
      for (const counted of violations) waiting.delete(counted);
    }
  } finally {
    acts.putBack([...waiting]);
  }
}

async function writeKeyRefusals(refusals: readonly Counted<'key_refused'>[], deps: WriteDeps): Promise<void> {
  if (refusals.length === 0) return;
  const columns = [
    refusals.map(() => newId(deps.now, deps.random)),
    refusals.map(({ minute }) => new Date(minute).toISOString()),
    refusals.map(({ act }) => act.address),
    refusals.map(({ act }) => act.reason),
    refusals.map(({ count }) => String(count)),
  ];
  await deps.database.asSystem('audit', (tx) => tx.run(INSERT_REFUSALS, columns));
}

async function writeViolations(
  tenantId: TenantId,
  violations: readonly Counted<'scope_violated'>[],
  { database, now, random }: WriteDeps,
): Promise<void> {
  await database.asTenant(tenantId, async (tx) => {
    for (const { act, minute, count } of violations) {
      const { ofTenant } = eventWriter({ actor: `key:${act.kid}`, now, random });
      await ofTenant(tx, tenantId, {
        action: 'scope.violated',
        subject: `${act.what}:${act.name.slice(0, LONGEST_NAME)}`,
        outcome: 'refused',
        detail: { count, minute: new Date(minute).toISOString() },
      });
    }
  });
}

/** A list of toolsets counts as one name. */
const LONGEST_NAME = 200;

const INSERT_REFUSALS = `insert into auth_refusals (refusal_id, minute, address, reason, refusals)
  select id::uuid, minute::timestamptz, address, reason, refusals::integer
  from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) as r(id, minute, address, reason, refusals)`;
