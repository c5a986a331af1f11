#!/usr/bin/env bash
# Restores a dump of backup.sh into an empty database: all of it or nothing.
#
#   MIGRATE_DATABASE_URL_FILE=<file> scripts/restore.sh <dump>
#
# The database must be there and empty, and owned by the role of MIGRATE_DATABASE_URL, which may create roles. Roles
# belong to the server and are in no dump: those that the policies name are made here, and "orderdesk-mcp migrate" after
# this grants them to the role of the service. docs/BACKUP.md says what to do before clients are let in again.
set -euo pipefail
umask 077
# shellcheck source=scripts/postgres-address.sh
source "$(dirname "${BASH_SOURCE[0]}")/postgres-address.sh"

dump=${1:-}
[[ $# == 1 && -n $dump ]] || fail 'Usage: restore.sh <dump>'
[[ -r $dump ]] || fail "$dump cannot be read."
[[ -r $dump.sha256 ]] || fail "$dump.sha256 is missing: without it nobody can tell whether the dump is whole."
need_programs psql pg_restore sha256sum
export_address

read -r expected _ <"$dump.sha256" || fail "$dump.sha256 is empty."
read -r found _ < <(sha256sum "$dump")
[[ $found == "$expected" ]] || fail "$dump is not what was dumped: its SHA-256 differs from that in $dump.sha256."
pg_restore --list "$dump" >/dev/null || fail "$dump is no dump that this pg_restore reads."

held=$(ask_database "select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname <> 'information_schema' and n.nspname !~ '^pg_'") || fail 'The database cannot be asked: see the line above.'
[[ $held == 0 ]] || fail "The database $PGDATABASE is not empty: it holds $held tables and the like. Make a new one and name it in MIGRATE_DATABASE_URL; nothing was changed."

mapfile -t roles < <(pg_restore --schema-only --file=- "$dump" | grep -oE '\bTO orderdesk_[a-z_]+' | cut -c4- | sort -u)
((${#roles[@]} > 0)) || fail "$dump names no role of the service: it is no dump of an installation."
for role in "${roles[@]}"; do
  ask_database "do \$\$ begin
    if not exists (select from pg_roles where rolname = '$role') then create role $role nologin; end if;
  end \$\$"
done

pg_restore --no-password --dbname="$PGDATABASE" --no-owner --single-transaction --exit-on-error "$dump"
# Those of Postgres itself are not the owner's: it would be warned of each.
tables=$(ask_database "select string_agg(format('%I.%I', schemaname, tablename), ', ') from pg_tables where schemaname = 'public'")
ask_database "analyze $tables"
schema=$(ask_database 'select max(version) from schema_migrations')
printf 'The database %s holds schema %s of %s. Next: orderdesk-mcp migrate, then orderdesk-mcp doctor.\n' \
  "$PGDATABASE" "$schema" "$(basename "$dump")"
