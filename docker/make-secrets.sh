#!/usr/bin/env bash
# Makes every secret file that docker-compose.production.yml names, each with fresh random content, where it is not
# there yet. A file that is there is never changed: run it again after an update, for what is new. Where an address is
# there whose password is not, or is another one, it makes nothing and says so.
#
# Compose mounts these files as they are, and the accounts in the containers differ from the one that owns them here.
# So the folder keeps other people of this host out (0700), and the files themselves can be read by whoever gets them
# mounted (0444). A copy elsewhere needs a folder that is closed as well.
set -euo pipefail

folder=${1:-"$(cd "$(dirname "$0")/.." && pwd)/secrets"}

# What a file holds, or nothing where there is none.
held() { if [ -e "$folder/$1" ]; then cat "$folder/$1"; fi; }

# password_of ADDRESS: the password in it, as it is meant.
password_of() {
  local encoded=${1#*://*:}
  encoded=${encoded%@*}
  encoded=${encoded//\\/\\\\}
  printf '%b' "${encoded//%/\\x}"
}

# As Redis keeps a password.
digest_of() { printf '%s' "$1" | sha256sum | cut -d ' ' -f 1; }

fits=yes
# mismatch FILE PASSWORD-FILE
mismatch() {
  printf '%s does not have the password of %s: put back the file that belongs to the other, or delete both and run this again. Nothing was made.\n' \
    "$folder/$1" "$folder/$2" >&2
  fits=no
}

# Nothing is made beside what it would not fit. An address of another host is the operator's, with a password of its own.
while read -r file name host; do
  address=$(held "$file")
  [[ $address == *"@$host"[:/]* ]] || continue
  [ "$(password_of "$address")" = "$(held "$name")" ] || mismatch "$file" "$name"
done <<'PAIRS'
database_url postgres_service_password postgres
migrate_database_url postgres_owner_password postgres
redis_url redis_password redis
PAIRS
users=$(held redis_users)
[[ -z $users || $users == *"#$(digest_of "$(held redis_password)")"* ]] || mismatch redis_users redis_password
[ "$fits" = yes ] || exit 1

umask 077
mkdir -p "$folder/tls" "$folder/acme"
chmod 700 "$folder"
chmod 755 "$folder/tls" "$folder/acme"

# put NAME: standard input becomes the secret, whole or not at all, unless there is one.
put() {
  local path="$folder/$1" partial
  if [ -e "$path" ]; then
    cat >/dev/null
    return
  fi
  partial=$(mktemp "$folder/.new.XXXXXX")
  cat >"$partial"
  chmod 444 "$partial"
  mv "$partial" "$path"
  printf 'made %s\n' "$1"
}

# bytes N: so many random bytes, on one line, as letters that need no quoting in an address.
bytes() { head -c "$1" /dev/urandom | base64 | tr -d '\n=' | tr '+/' '-_'; }

# ring NAME: a key ring of one key.
ring() { printf '%s:%s' "$1" "$(head -c 32 /dev/urandom | base64 | tr -d '\n')"; }

for name in postgres_password postgres_owner_password postgres_service_password redis_password \
  metrics_token admin_token grafana_admin_password; do
  bytes 24 | put "$name"
done
ring k1 | put mcp_kms_key
ring p1 | put mcp_key_pepper

# The network between the containers leaves this host nowhere, hence no TLS on it.
printf 'postgres://orderdesk_service:%s@postgres:5432/orderdesk?sslmode=disable' \
  "$(cat "$folder/postgres_service_password")" | put database_url
printf 'postgres://orderdesk_owner:%s@postgres:5432/orderdesk?sslmode=disable' \
  "$(cat "$folder/postgres_owner_password")" | put migrate_database_url
printf 'redis://orderdesk:%s@redis:6379/0' "$(cat "$folder/redis_password")" | put redis_url

# Redis keeps the hash alone. The server may do what works on data; "probe" is for the health check.
digest=$(digest_of "$(cat "$folder/redis_password")")
{
  printf 'user default off\n'
  printf 'user orderdesk on #%s ~* resetchannels +@all -@admin -@dangerous +info +config|get\n' "$digest"
  printf 'user probe on nopass resetkeys resetchannels -@all +ping\n'
} | put redis_users
