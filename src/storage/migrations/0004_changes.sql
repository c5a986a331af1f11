-- Changes at Order Desk: one row is the claim of a call, its entry in the ledger and its stored answer. With it the locks on
-- what is being changed, the count of each key's effects, and the confirmations that were used. New tables only: the
-- release before goes on without them.

do $$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'orderdesk_sweep') then
    begin
      create role orderdesk_sweep nologin;
    exception when duplicate_object or unique_violation then
      null;
    end;
  end if;
end
$$;

create table changes (
  change_id uuid primary key,
  tenant_id uuid not null references tenants on delete cascade,
  store_row_id uuid not null,
  orderdesk_store_id text not null,
  key_id uuid not null,
  kid text not null,
  key_name text not null,
  client text,
  tool text not null,
  kind text not null,
  idempotency_hash bytea,
  fingerprint bytea not null,
  undoes uuid,
  state text not null check (state in ('claimed', 'pending', 'applied', 'failed', 'unknown')),
  owner uuid not null,
  lease_until timestamptz not null,
  resumable boolean not null default false,
  settled_as text check (settled_as in ('applied', 'failed', 'unknown')),
  sent_by uuid,
  effects integer not null default 0 check (effects >= 0),
  step_effects integer not null default 0 check (step_effects >= 0),
  step_refunded integer not null default 0 check (step_refunded >= 0),
  effects_day date,
  targets text[] not null default '{}',
  images bytea,
  created_at timestamptz not null default now(),
  sent_at timestamptz,
  finished_at timestamptz
);
comment on column changes.owner is 'Random, of the run that may go on with it.';
comment on column changes.sent_by is 'The owner that sent the last step, until it has said what became of it: it may correct what others found out by looking.';
comment on column changes.settled_as is 'What it stood as when it was last closed, which a run that is abandoned goes back to; null when nothing was ever sent for it.';
comment on column changes.effects is 'Counted against the daily cap, less what was given back. step_effects and step_refunded are those of the last step.';
comment on column changes.lease_until is 'By this clock. After it, others may take over what was not sent and settle what was.';
comment on column changes.targets is 'order:<id> and inventory:<id> of its lines.';
comment on column changes.images is 'Lines with before and after, deleted records and the open step, encrypted under the ledger key of the tenant.';
comment on column changes.idempotency_hash is 'SHA-256 of the caller''s key; gone 72 hours after the change is finished.';

create unique index changes_idempotency on changes (tenant_id, key_id, tool, idempotency_hash)
  where idempotency_hash is not null;
create index changes_by_tenant on changes (tenant_id, change_id);
create index changes_by_target on changes using gin (targets);
create index changes_unfinished on changes (lease_until) where state in ('claimed', 'pending');
create unique index changes_undone_once on changes (tenant_id, undoes)
  where undoes is not null and state in ('claimed', 'pending', 'applied', 'unknown');
create index changes_by_time on changes (created_at);
create index changes_with_images on changes (created_at) where images is not null;
create index changes_with_key on changes (created_at) where idempotency_hash is not null;

create table write_counts (
  tenant_id uuid not null references tenants on delete cascade,
  key_id uuid not null,
  day date not null,
  effects integer not null check (effects >= 0),
  primary key (tenant_id, key_id, day)
);

create table used_confirmations (
  tenant_id uuid not null references tenants on delete cascade,
  confirmation_id text not null,
  change_id uuid not null,
  used_at timestamptz not null default now(),
  primary key (tenant_id, confirmation_id)
);
create index used_confirmations_by_change on used_confirmations (tenant_id, change_id);
create index used_confirmations_by_time on used_confirmations (used_at);
comment on column used_confirmations.change_id is 'The one change that it is good for: a call that goes on with its change brings it again.';

-- Belongs to no tenant: two tenants that keep the same store exclude each other. Holds no text of customers.
create table change_locks (
  lock_name text primary key,
  owner uuid not null,
  lease_until timestamptz not null
);
create index change_locks_by_lease on change_locks (lease_until);

alter table changes enable row level security;
alter table changes force row level security;
alter table write_counts enable row level security;
alter table write_counts force row level security;
alter table used_confirmations enable row level security;
alter table used_confirmations force row level security;
alter table change_locks enable row level security;
alter table change_locks force row level security;

create policy tenant_fence on changes to orderdesk_tenant
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy tenant_fence on write_counts to orderdesk_tenant
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy tenant_fence on used_confirmations to orderdesk_tenant
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);

create policy everybody_locks on change_locks to orderdesk_tenant using (true) with check (true);

grant select, insert, update, delete on changes, write_counts, used_confirmations, change_locks to orderdesk_tenant;

-- sweep: takes changes whose owner is gone, of all tenants. What it found out is written as their tenant.
grant select on changes to orderdesk_sweep;
grant update (owner, lease_until) on changes to orderdesk_sweep;
create policy sweep_reads on changes for select to orderdesk_sweep
  using (state in ('claimed', 'pending'));
create policy sweep_updates on changes for update to orderdesk_sweep
  using (state in ('claimed', 'pending') and lease_until < now()) with check (true);

-- retention: images after 30 days, idempotency after 72 hours, the entry after 400 days, by the clock of the database.
-- What is not finished, or was in the last 72 hours, keeps its images and key, or until the entry ends.
grant select (change_id, created_at, images, idempotency_hash) on changes to orderdesk_retention;
grant update (images, idempotency_hash) on changes to orderdesk_retention;
grant select on write_counts, used_confirmations, change_locks to orderdesk_retention;
grant delete on changes, write_counts, used_confirmations, change_locks to orderdesk_retention;
create policy retention_reads on changes for select to orderdesk_retention
  using (created_at < now() - interval '72 hours');
create policy retention_updates on changes for update to orderdesk_retention
  using (greatest(created_at, finished_at) < now() - interval '72 hours' and state not in ('claimed', 'pending'))
  with check (true);
create policy retention_deletes on changes for delete to orderdesk_retention
  using (created_at < now() - interval '400 days');
create policy retention_reads on write_counts for select to orderdesk_retention
  using (day < (now() at time zone 'utc')::date - 7);
create policy retention_deletes on write_counts for delete to orderdesk_retention
  using (day < (now() at time zone 'utc')::date - 7);
create policy retention_reads on used_confirmations for select to orderdesk_retention
  using (used_at < now() - interval '1 day');
create policy retention_deletes on used_confirmations for delete to orderdesk_retention
  using (used_at < now() - interval '1 day');
create policy retention_reads on change_locks for select to orderdesk_retention
  using (lease_until < now() - interval '1 day');
create policy retention_deletes on change_locks for delete to orderdesk_retention
  using (lease_until < now() - interval '1 day');
