-- The audit trail, room for limits of a tenant, and what the rotation of keys and of the ring needs.
--
-- The trail is written and read, never changed: no role of the service may update it, and only retention may delete,
-- by policy nothing that is younger than 400 days. It outlives the tenant, so it refers to no other table, and it
-- holds ids and counts, no names, no secrets and nothing of customers.

do $$
declare
  wanted text;
begin
  foreach wanted in array array['orderdesk_rewrap', 'orderdesk_audit', 'orderdesk_retention'] loop
    if not exists (select from pg_catalog.pg_roles where rolname = wanted) then
      begin
        execute format('create role %I nologin', wanted);
      exception when duplicate_object or unique_violation then
        null;
      end;
    end if;
  end loop;
end
$$;

alter table tenants add column limits jsonb not null default '{}';
comment on column tenants.limits is 'What differs for this tenant from the limits of the installation.';

alter table api_keys add column replaced_by text;
comment on column api_keys.replaced_by is 'The kid of the key that a rotation made in the place of this one.';

create table audit_events (
  event_id uuid primary key,
  tenant_id uuid not null,
  occurred_at timestamptz not null,
  actor text not null,
  action text not null,
  subject text not null,
  outcome text not null check (outcome in ('done', 'refused')),
  detail jsonb not null default '{}'
);
create index audit_events_by_tenant on audit_events (tenant_id, event_id);
create index audit_events_by_time on audit_events (occurred_at);
comment on column audit_events.actor is 'operator, server, or key:<kid>.';
comment on column audit_events.subject is 'What the action was on: tenant:<id>, key:<kid>, store:<id>, tool:<name>, ring_key:<id>.';

-- Belongs to no tenant: what operators did to the installation as a whole.
create table operator_events (
  event_id uuid primary key,
  occurred_at timestamptz not null,
  actor text not null,
  action text not null,
  subject text not null,
  outcome text not null check (outcome in ('done', 'refused')),
  detail jsonb not null default '{}'
);
create index operator_events_by_time on operator_events (occurred_at);

-- Belongs to no tenant: who sends a wrong key is nobody's. One row per replica, address, reason and minute.
create table auth_refusals (
  refusal_id uuid primary key,
  minute timestamptz not null,
  address text not null,
  reason text not null,
  refusals integer not null check (refusals > 0)
);
create index auth_refusals_by_time on auth_refusals (minute);
comment on column auth_refusals.address is 'An IPv4 address, the /64 of an IPv6 address, or other for what went beyond the bound.';

alter table audit_events enable row level security;
alter table audit_events force row level security;
alter table operator_events enable row level security;
alter table operator_events force row level security;
alter table auth_refusals enable row level security;
alter table auth_refusals force row level security;

create policy tenant_fence on audit_events to orderdesk_tenant
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
grant select, insert on audit_events to orderdesk_tenant;

-- authenticate: the limits of the tenant come with the state of its keys.
grant select (limits) on tenants to orderdesk_authenticate;

-- rewrap: wraps data keys anew and says which keys of the rings are still needed.
grant select on tenant_data_keys to orderdesk_rewrap;
grant update (ring_key_id, wrapped) on tenant_data_keys to orderdesk_rewrap;
grant select (kid, tenant_id, name, pepper_id, last_used_at, expires_at, revoked_at) on api_keys to orderdesk_rewrap;
grant insert on operator_events to orderdesk_rewrap;
create policy rewrap_reads on tenant_data_keys for select to orderdesk_rewrap using (true);
create policy rewrap_updates on tenant_data_keys for update to orderdesk_rewrap using (true) with check (true);
create policy rewrap_reads on api_keys for select to orderdesk_rewrap using (true);
create policy rewrap_records on operator_events for insert to orderdesk_rewrap with check (true);

-- audit: reads the whole trail and writes the refusals.
grant select on audit_events, operator_events, auth_refusals to orderdesk_audit;
grant insert on auth_refusals to orderdesk_audit;
create policy audit_reads on audit_events for select to orderdesk_audit using (true);
create policy audit_reads on operator_events for select to orderdesk_audit using (true);
create policy audit_reads on auth_refusals for select to orderdesk_audit using (true);
create policy audit_records on auth_refusals for insert to orderdesk_audit with check (true);

-- retention: sees and deletes what is past its time, by the clock of the database, and nothing else.
grant select (event_id, occurred_at) on audit_events, operator_events to orderdesk_retention;
grant select (refusal_id, minute) on auth_refusals to orderdesk_retention;
grant delete on audit_events, operator_events, auth_refusals to orderdesk_retention;
create policy retention_reads on audit_events for select to orderdesk_retention
  using (occurred_at < now() - interval '400 days');
create policy retention_deletes on audit_events for delete to orderdesk_retention
  using (occurred_at < now() - interval '400 days');
create policy retention_reads on operator_events for select to orderdesk_retention
  using (occurred_at < now() - interval '400 days');
create policy retention_deletes on operator_events for delete to orderdesk_retention
  using (occurred_at < now() - interval '400 days');
create policy retention_reads on auth_refusals for select to orderdesk_retention
  using (minute < now() - interval '400 days');
create policy retention_deletes on auth_refusals for delete to orderdesk_retention
  using (minute < now() - interval '400 days');
