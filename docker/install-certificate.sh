#!/usr/bin/env bash
# Puts a certificate chain and its key where nginx of docker-compose.production.yml reads them, as its account can read
# them. Checks before that the two belong together. Then: docker compose kill --signal HUP nginx
set -euo pipefail

if [ "$#" -ne 2 ] && [ "$#" -ne 3 ]; then
  printf 'usage: %s <fullchain.pem> <privkey.pem> [folder]\n' "$0" >&2
  exit 2
fi
folder=${3:-"$(cd "$(dirname "$0")/.." && pwd)/secrets/tls"}

of_chain=$(openssl x509 -in "$1" -noout -pubkey)
of_key=$(openssl pkey -in "$2" -pubout)
if [ "$of_chain" != "$of_key" ]; then
  printf 'The key does not belong to the first certificate of the chain. Nothing was changed.\n' >&2
  exit 1
fi

# The folder above is closed to others of this host; nginx in its container is another account than the owner.
mkdir -p "$folder"
install -m 0444 "$1" "$folder/.fullchain.pem"
install -m 0444 "$2" "$folder/.privkey.pem"
mv "$folder/.fullchain.pem" "$folder/fullchain.pem"
mv "$folder/.privkey.pem" "$folder/privkey.pem"
