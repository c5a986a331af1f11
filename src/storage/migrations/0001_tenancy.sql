-- Tenants, their data keys, API keys and stores, fenced by row-level security.
--
-- The fence: every tenant-owned table carries the one policy text for orderdesk_tenant. With no tenant set the text
-- compares with null, so nothing is visible and nothing can be written.
-- The jobs: each has a role with exactly its grants, and policies that name that role. Where the connection is a
-- superuser (the embedded database) switching to these roles still guards against a forgotten WHERE of our own, but
-- it is no boundary against somebody who can run SQL.

-- Roles belong to the cluster, so another database of the same cluster may have made them already.
do $$
declare
  wanted text;
begin
  foreach wanted in array array['orderdesk_tenant', 'orderdesk_authenticate', 'orderdesk_operate'] loop
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

create table tenants (
  tenant_id uuid primary key,
  name text not null,
  name_key text not null unique,
  status text not null check (status in ('active', 'suspended')),
  created_at timestamptz not null default now()
);
comment on column tenants.name_key is 'The name in lower case, as the application folds it.';

create table tenant_data_keys (
  tenant_id uuid primary key references tenants on delete cascade,
  version integer not null,
  ring_key_id text not null,
  wrapped bytea not null,
  created_at timestamptz not null default now()
);
comment on column tenant_data_keys.wrapped is 'The data key, encrypted by the ring key that ring_key_id names.';

create table api_keys (
  key_id uuid primary key,
  tenant_id uuid not null references tenants on delete cascade,
  kid text not null unique,
  name text not null,
  role text not null check (role in ('owner', 'agent')),
  scope jsonb not null,
  check_tag bytea not null,
  hash text not null,
  pepper_id text not null,
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz,
  created_at timestamptz not null default now()
);
create index api_keys_by_tenant on api_keys (tenant_id);

create table stores (
  store_row_id uuid primary key,
  tenant_id uuid not null references tenants on delete cascade,
  name text not null,
  name_key text not null,
  orderdesk_store_id text not null,
  credential bytea not null,
  is_default boolean not null default false,
  folder_notes jsonb not null default '{}',
  verified_at timestamptz,
  refused_at timestamptz,
  last_contact_at timestamptz,
  created_at timestamptz not null default now(),
  unique (tenant_id, name_key),
  unique (tenant_id, orderdesk_store_id)
);
create unique index stores_one_default on stores (tenant_id) where is_default;

alter table tenants enable row level security;
alter table tenants force row level security;
alter table tenant_data_keys enable row level security;
alter table tenant_data_keys force row level security;
alter table api_keys enable row level security;
alter table api_keys force row level security;
alter table stores enable row level security;
alter table stores force row level security;

create policy tenant_fence on tenants to orderdesk_tenant
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy tenant_fence on tenant_data_keys to orderdesk_tenant
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy tenant_fence on api_keys to orderdesk_tenant
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy tenant_fence on stores to orderdesk_tenant
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);

grant select, insert, update, delete on tenants, tenant_data_keys, api_keys, stores to orderdesk_tenant;

-- authenticate: finds a key by its kid, learns whether its tenant is active, re-hashes it and notes its use.
grant select on api_keys to orderdesk_authenticate;
grant update (hash, pepper_id, check_tag, last_used_at) on api_keys to orderdesk_authenticate;
grant select (tenant_id, status) on tenants to orderdesk_authenticate;
create policy authenticate_reads on api_keys for select to orderdesk_authenticate using (true);
create policy authenticate_updates on api_keys for update to orderdesk_authenticate using (true) with check (true);
create policy authenticate_reads on tenants for select to orderdesk_authenticate using (true);

-- operate: lists tenants, finds the tenant of a kid, and reads which schema the database has.
grant select on tenants to orderdesk_operate;
grant select (kid, tenant_id, name, role) on api_keys to orderdesk_operate;
grant select on schema_migrations to orderdesk_operate;
create policy operate_reads on tenants for select to orderdesk_operate using (true);
create policy operate_reads on api_keys for select to orderdesk_operate using (true);
