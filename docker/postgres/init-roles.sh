#!/usr/bin/env bash
# The database and its roles. The image of Postgres runs this once, as the superuser, on an empty volume; by hand it may be
# run again at any time: what is there stays, and the passwords become those of the files.
#   orderdesk_owner    owns the database and may create roles: "orderdesk-mcp migrate" connects as it, nothing else does
#   orderdesk_backup   may read every row, which the policies keep from the owner; only scripts/backup.sh, as the owner, takes it
#   orderdesk_service  owns nothing and inherits nothing: the server connects as it, and migrating grants what it needs
set -euo pipefail

SECRETS_FOLDER=${SECRETS_FOLDER:-/run/secrets}
export SECRETS_FOLDER

# psql would take a file that it cannot read for an empty password, and go on.
for name in postgres_owner_password postgres_service_password; do
  file=$SECRETS_FOLDER/$name
  if [[ ! -f $file || ! -r $file || -z $(<"$file") ]]; then
    printf 'The password in %s is missing: there is no such file, or it cannot be read, or it is empty. No role was made.\n' "$file" >&2
    exit 1
  fi
done

# psql reads the passwords itself, so that they stand in no list of processes; a statement that fails is not logged,
# since it would be with the password in it.
psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --username="${POSTGRES_USER:-postgres}" --dbname=postgres <<'SQL'
\set owner_password `cat "$SECRETS_FOLDER/postgres_owner_password"`
\set service_password `cat "$SECRETS_FOLDER/postgres_service_password"`
set log_statement = 'none';
set log_min_duration_statement = -1;
set log_min_error_statement = 'panic';
set client_min_messages = 'warning';
set password_encryption = 'scram-sha-256';
select format('create role %I', name)
  from unnest(array['orderdesk_owner', 'orderdesk_backup', 'orderdesk_service']) name
  where not exists (select from pg_roles where rolname = name) \gexec
alter role orderdesk_owner login createrole nosuperuser password :'owner_password';
alter role orderdesk_backup nologin bypassrls;
alter role orderdesk_service login noinherit nosuperuser password :'service_password';
grant pg_read_all_data to orderdesk_backup;
grant orderdesk_backup to orderdesk_owner;
select 'create database orderdesk owner orderdesk_owner'
  where not exists (select from pg_database where datname = 'orderdesk') \gexec
revoke all on database orderdesk from public;
SQL
