"""The `aws` command as far as scripts of this project use it: one call, its options taken from botocore's own model.

What `--query` finds is printed as JSON where `--output json` says so, as it is elsewhere.

Put on PATH as `aws` by `put_on_path`; an option that the operation does not have ends it with 252, as the real one.
"""

import json
import os
import re
import stat
import sys
from pathlib import Path
from typing import Any

import boto3
import jmespath
from botocore import xform_name
from botocore.exceptions import ClientError, ParamValidationError

_GLOBAL = {"region", "query", "output", "cli-input-json"}
_SERVICES = {"s3api": "s3"}


def put_on_path(folder: Path, root: Path) -> None:
    """Writes `aws` into a folder; `root` is where this module is found from."""
    command = folder / "aws"
    command.write_text(f'#!/bin/bash\nPYTHONPATH={root} exec {sys.executable} -m {__name__} "$@"\n')
    command.chmod(command.stat().st_mode | stat.S_IXUSR)


def main(arguments: list[str]) -> int:
    """One call; prints what `--query` finds."""
    service, operation, *rest = arguments
    options = {name.removeprefix("--"): value for name, value in zip(rest[::2], rest[1::2], strict=True)}
    make: Any = boto3.client
    client = make(
        _SERVICES.get(service, service), region_name=options.get("region", os.environ.get("AWS_DEFAULT_REGION"))
    )
    name = operation.replace("-", "_")
    members = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[name]).input_shape.members
    spelled = {xform_name(member, "-"): member for member in members}
    if unknown := set(options) - set(spelled) - _GLOBAL:
        print(f"Unknown options: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 252
    given = {spelled[o]: _value(members[spelled[o]], v) for o, v in options.items() if o in spelled}
    if whole := options.get("cli-input-json"):
        given |= json.loads(Path(whole.removeprefix("file://")).read_text())
    try:
        answer = getattr(client, name)(**given)
    except (ClientError, ParamValidationError) as error:
        print(error, file=sys.stderr)
        return 254
    found = jmespath.search(options.get("query", "@"), answer)
    print(json.dumps(found) if options.get("output") == "json" else found)
    return 0


def _value(shape: Any, text: str) -> Any:
    """A map is written `key=value,key=value`."""
    return dict(re.findall(r"([^=,]+)=([^,]*)", text)) if shape.type_name == "map" else text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
