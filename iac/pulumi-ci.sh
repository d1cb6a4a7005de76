#!/usr/bin/env bash
# The four layers of an environment in a pipeline, by the same runner and on the same states as the operator's.
#
#   iac/pulumi-ci.sh check STACK [WORDS]     the manifest, against the documents' checklist
#   iac/pulumi-ci.sh preview STACK [WORDS]   check, then what would change in every layer
#   iac/pulumi-ci.sh up STACK [WORDS]        check, then each layer in its order; compute needs its images
#
# WORDS go to every `tradai` command, `--file env-dev.yaml` for instance. Reads iac/.env where it is there. It stops at
# the first thing that fails, with its exit status, and the same words go on from there. It destroys nothing by itself: what
# a layer's update deletes is shown by `preview`.
set -euo pipefail

HERE=$(dirname -- "${BASH_SOURCE[0]}")
readonly HERE

usage() {
  echo "usage: $0 check|preview|up STACK [WORDS]" >&2
  exit 2
}

check() {
  if [[ -n ${S3_PULUMI_BACKEND_URL:-} ]]; then
    local says
    says=$(tradai infra backend "$@")
    if [[ $says != "$S3_PULUMI_BACKEND_URL" ]]; then
      echo "S3_PULUMI_BACKEND_URL is $S3_PULUMI_BACKEND_URL, and the manifest's state is in $says: make them agree" >&2
      exit 1
    fi
  fi
  tradai config-check "$@"
}

up() {
  tradai infra up persistent "$@"
  tradai infra up foundation "$@"
  tradai infra up compute "$@" # which runs images by digest, and names those that are not there
  tradai infra up edge "$@"
}

[[ $# -ge 2 ]] || usage
readonly WORD=$1
shift

if [[ -f $HERE/.env ]]; then
  set -a
  # shellcheck source=/dev/null
  . "$HERE/.env"
  set +a
fi

case $WORD in
  check) check "$@" ;;
  preview)
    check "$@"
    tradai infra preview-all "$@"
    ;;
  up)
    check "$@"
    up "$@"
    ;;
  *) usage ;;
esac
