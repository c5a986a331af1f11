#!/usr/bin/env bash
# Dumps the Postgres of an installation: every row of every tenant, or nothing.
#
#   MIGRATE_DATABASE_URL_FILE=<file> scripts/backup.sh <folder> [--keep <days>]
#
# Writes <folder>/orderdesk-<time>.dump, which only this user can read, and its SHA-256 beside it; prints the path. With
# --keep, dumps that are older are deleted once the new one is there. docs/BACKUP.md says what else has to be kept.
set -euo pipefail
umask 077
# shellcheck source=scripts/postgres-address.sh
source "$(dirname "${BASH_SOURCE[0]}")/postgres-address.sh"

BACKUP_ROLE=orderdesk_backup

folder=${1:-}
keep=''
[[ -n $folder ]] || fail 'Usage: backup.sh <folder> [--keep <days>]'
if (($# > 1)); then
  [[ $# == 3 && $2 == --keep && $3 =~ ^[1-9][0-9]{0,4}$ ]] || fail 'Usage: backup.sh <folder> [--keep <days>]'
  keep=$3
fi
[[ -d $folder && -w $folder ]] || fail "$folder is no folder that this user may write to."
need_programs psql pg_dump pg_restore sha256sum
export_address

# The owner of the tables is held by their policies as well and would see no row. pg_dump asks for all rows or none
# (row_security=off), so it fails then; who may pass the policies has to be found out before.
standing=$(ask_database "select case
    when rolsuper or rolbypassrls then 'passes'
    when exists (select from pg_roles b where b.rolname = '$BACKUP_ROLE' and b.rolbypassrls
      and pg_has_role(current_user, b.oid, 'member')) then 'may become'
    else 'held' end
  from pg_roles where rolname = current_user") || fail 'The database cannot be asked: see the line above.'
as_role=()
case $standing in
  passes) ;;
  'may become') as_role=("--role=$BACKUP_ROLE") ;;
  *)
    fail "The role of MIGRATE_DATABASE_URL is held by the policies between tenants, so its dump would be refused. As a superuser, once: create role $BACKUP_ROLE nologin bypassrls; grant pg_read_all_data to $BACKUP_ROLE; grant $BACKUP_ROLE to \"$PGUSER\";"
    ;;
esac

partial=$(mktemp "$folder/.orderdesk.XXXXXX")
trap 'rm -f "$partial" "$partial.sha256"' EXIT

pg_dump --no-password --format=custom --no-owner ${as_role[@]+"${as_role[@]}"} --file="$partial"

# A dump is good when all of it can be read and it has the tables that everything hangs on.
pg_restore --file=/dev/null "$partial"
contents=$(pg_restore --list "$partial")
for table in schema_migrations tenants tenant_data_keys api_keys stores; do
  [[ $contents == *" TABLE DATA public $table "* ]] || fail "The dump has no rows of the table $table: it is not kept."
done

sum=$(sha256sum <"$partial")
until
  name=orderdesk-$(date -u +%Y%m%dT%H%M%SZ).dump
  [[ ! -e $folder/$name ]]
do sleep 1; done
printf '%s  %s\n' "${sum%% *}" "$name" >"$partial.sha256"
sync "$partial" "$partial.sha256"
# The sum first: a dump never stands without one.
mv "$partial.sha256" "$folder/$name.sha256"
mv "$partial" "$folder/$name"

if [[ -n $keep ]]; then
  find "$folder" -maxdepth 1 -type f \( -name 'orderdesk-*Z.dump' -o -name 'orderdesk-*Z.dump.sha256' \) \
    -mtime "+$((keep - 1))" -delete
fi
printf '%s\n' "$folder/$name"
