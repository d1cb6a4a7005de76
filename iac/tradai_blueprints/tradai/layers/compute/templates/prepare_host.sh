#!/bin/bash
# What the consolidated instance needs before it knows its environment: Docker and its Compose plugin (001 §6).
# Baked into an image (iac/ami) and run again at the first start, where it then finds nothing left to do.
set -euo pipefail

readonly COMPOSE_VERSION=5.1.0
readonly COMPOSE_SHA256=5633cb21e06a7c88c7ca48a9334d3d0f7f892e9605ae9e9a45f9a095d4ffceb8
readonly COMPOSE_PLUGIN=/usr/local/lib/docker/cli-plugins/docker-compose

# Rights and routes may come a moment later than the instance.
persist() {
  local attempt
  for attempt in 1 2 3 4 5 6 7 8 9 10; do
    "$@" && return 0
    echo "attempt $attempt failed: $*" >&2
    sleep 6
  done
  return 1
}

compose_is_there() {
  echo "$COMPOSE_SHA256  $COMPOSE_PLUGIN" | sha256sum --check --status 2> /dev/null
}

# Amazon Linux has no package of the plugin.
fetch_compose() {
  install --directory "$(dirname "$COMPOSE_PLUGIN")"
  curl --silent --show-error --fail --location --output "$COMPOSE_PLUGIN" \
    "https://github.com/docker/compose/releases/download/v$COMPOSE_VERSION/docker-compose-linux-x86_64"
  compose_is_there
}

rpm --query docker > /dev/null || persist dnf install --assumeyes docker
compose_is_there || persist fetch_compose
chmod 0755 "$COMPOSE_PLUGIN"
systemctl enable --now docker
