#!/bin/bash
# Writes the id of the newest image of Packer's manifest into the parameter from which launches take it.
# Arguments: the manifest, the region, the parameter's name.
set -euo pipefail

readonly MANIFEST=$1 REGION=$2 PARAMETER=$3

image=$(sed --quiet --regexp-extended "s/.*\"artifact_id\": \"$REGION:(ami-[0-9a-f]+)\".*/\1/p" "$MANIFEST" | tail --lines 1)
if [[ -z $image ]]; then
  echo "no image of $REGION in $MANIFEST" >&2
  exit 1
fi
aws ssm put-parameter --region "$REGION" --name "$PARAMETER" --value "$image" \
  --type String --data-type aws:ec2:image --overwrite
