#!/usr/bin/env bash
# Restarts the replicas of docker-compose.production.yml one after the other, so that they read the files of secrets anew.
# Each is ready again before the next is stopped; one that does not come back ends it, and the others go on as they are.
# A change of .env needs new containers instead: docs/DEPLOYMENT-DOCKER.md, "Upgrade".
set -euo pipefail
cd "$(dirname "$0")/.."
export COMPOSE_FILE=${COMPOSE_FILE:-docker-compose.production.yml}

WAIT_S=120

state_of() { docker inspect --format '{{.State.Health.Status}}' "$1"; }

replicas=$(docker compose ps --quiet mcp)
[[ -n $replicas ]] || { printf 'No replica runs.\n' >&2; exit 1; }
for id in $replicas; do
  # As long as stop_grace_period, longer than the 55 s that a replica may take: what it has begun is finished.
  docker restart -t 60 "$id" >/dev/null
  deadline=$((SECONDS + WAIT_S))
  until [[ $(state_of "$id") == healthy ]]; do
    if ((SECONDS >= deadline)); then
      printf '%s is not ready %s seconds after its restart. See docker logs %s. The others were left alone.\n' "$id" "$WAIT_S" "$id" >&2
      exit 1
    fi
    sleep 1
  done
  printf 'restarted %s\n' "$id"
done
