#!/bin/bash
# Fails where the image lacks what the user data takes for granted once prepare_host.sh has run.
set -euo pipefail

docker version > /dev/null
docker compose version
aws --version
systemctl is-enabled docker
