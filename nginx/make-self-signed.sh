#!/usr/bin/env bash
# A certificate for a trial: fullchain.pem and privkey.pem for one name, signed by nobody else, good for 90 days.
# Clients must be told to trust it (Node: NODE_EXTRA_CA_CERTS=fullchain.pem). Files that exist are left alone.
#
#   nginx/make-self-signed.sh mcp.example.com ./tls
set -euo pipefail

if [[ $# -ne 2 ]]; then
  echo "usage: $0 <host name or IP address> <folder>" >&2
  exit 2
fi
name=$1
folder=$2

if [[ $name =~ ^[0-9]+(\.[0-9]+){3}$ || $name == *:* ]]; then
  subject="IP:$name"
elif [[ $name =~ ^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$ ]]; then
  subject="DNS:$name"
else
  echo "$0: not a host name: $name" >&2
  exit 2
fi

mkdir -p "$folder"
for file in fullchain.pem privkey.pem; do
  if [[ -e $folder/$file ]]; then
    echo "$0: $folder/$file exists; move it away first" >&2
    exit 1
  fi
done

umask 077
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 90 \
  -subj "/O=orderdesk-mcp trial" -addext "subjectAltName=$subject" -addext "extendedKeyUsage=serverAuth" \
  -keyout "$folder/privkey.pem" -out "$folder/fullchain.pem" 2>/dev/null
chmod 644 "$folder/fullchain.pem"
echo "$folder/fullchain.pem and privkey.pem: for $name, until $(openssl x509 -in "$folder/fullchain.pem" -noout -enddate | cut -d= -f2)"
