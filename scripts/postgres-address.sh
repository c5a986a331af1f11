#!/usr/bin/env bash
# Sourced by backup.sh and restore.sh: gives the programs of Postgres the address of the database through the
# environment, which nobody but this user and root can read. An argument would show in the list of processes.
set -euo pipefail

# Says what is wrong in one line, and ends.
fail() {
  printf '%s\n' "$1" >&2
  exit 1
}

percent_decoded() {
  local text=$1 decoded='' byte
  while [[ $text == *%* ]]; do
    byte=${text#*%}
    [[ $byte =~ ^[0-9A-Fa-f]{2} ]] || fail 'MIGRATE_DATABASE_URL holds a % that is not followed by two hexadecimal digits.'
    printf -v byte '%b' "\\x${byte:0:2}"
    decoded+=${text%%\%*}$byte
    text=${text#*%}
    text=${text:2}
  done
  printf '%s' "$decoded$text"
}

# MIGRATE_DATABASE_URL, or what the file holds that MIGRATE_DATABASE_URL_FILE names.
migrate_address() {
  local inline=${MIGRATE_DATABASE_URL:-} file=${MIGRATE_DATABASE_URL_FILE:-}
  [[ -z $inline || -z $file ]] || fail 'MIGRATE_DATABASE_URL is set, and so is MIGRATE_DATABASE_URL_FILE: keep one of the two.'
  if [[ -n $file ]]; then
    [[ -r $file ]] || fail 'MIGRATE_DATABASE_URL_FILE names a file that cannot be read.'
    inline=$(<"$file")
  fi
  [[ -n $inline ]] || fail 'Set MIGRATE_DATABASE_URL, or MIGRATE_DATABASE_URL_FILE: the database as the role that owns it.'
  printf '%s' "$inline"
}

# postgres://user:password@host:port/database?sslmode=... as the PG variables of libpq.
export_address() {
  local address form='^postgres(ql)?://([^:@/?]+)(:([^@/?]*))?@(\[[^]]+\]|[^:/?@]+)(:([0-9]+))?/([^/?]+)(\?(.*))?$'
  address=$(migrate_address)
  [[ $address =~ $form ]] || fail 'MIGRATE_DATABASE_URL is not of the form postgres://user:password@host:port/database.'
  local user=${BASH_REMATCH[2]} password=${BASH_REMATCH[4]} host=${BASH_REMATCH[5]} port=${BASH_REMATCH[7]}
  local database=${BASH_REMATCH[8]} query=${BASH_REMATCH[10]}
  # What the caller's own settings say is of another database.
  unset PGSERVICE PGSERVICEFILE PGHOSTADDR PGOPTIONS PGSSLMODE PGSSLROOTCERT PGSSLCERT PGSSLKEY
  host=${host#[}
  PGHOST=$(percent_decoded "${host%]}")
  PGUSER=$(percent_decoded "$user")
  PGPASSWORD=$(percent_decoded "$password")
  PGDATABASE=$(percent_decoded "$database")
  # As an argument such a name is an address to the programs, and in the environment a name: two databases.
  [[ $PGDATABASE != *=* && $PGDATABASE != *://* ]] || fail 'MIGRATE_DATABASE_URL names a database with "=" or "://" in its name: the programs of Postgres would take that for an address of another one.'
  PGPORT=${port:-5432}
  PGCONNECT_TIMEOUT=10
  export PGHOST PGUSER PGPASSWORD PGDATABASE PGPORT PGCONNECT_TIMEOUT
  # An empty one is no password: a file of passwords may have it.
  [[ -n $PGPASSWORD ]] || unset PGPASSWORD
  local setting value
  local -a settings=()
  IFS='&' read -ra settings <<<"$query"
  for setting in ${settings[@]+"${settings[@]}"}; do
    value=$(percent_decoded "${setting#*=}")
    case ${setting%%=*} in
      sslmode) export PGSSLMODE=$value ;;
      sslrootcert) export PGSSLROOTCERT=$value ;;
      sslcert) export PGSSLCERT=$value ;;
      sslkey) export PGSSLKEY=$value ;;
      *) fail "MIGRATE_DATABASE_URL has a setting that is not known here: ${setting%%=*}." ;;
    esac
  done
}

need_programs() {
  local program
  for program in "$@"; do
    command -v "$program" >/dev/null || fail "$program is not here: install the client programs of Postgres, as new as the server at least."
  done
}

# One value, or rows of one column.
ask_database() {
  psql --no-psqlrc --no-password --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 --command="$1"
}
