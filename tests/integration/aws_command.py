"""The `aws` command as far as scripts of this project use it: one call, its options taken from botocore's own model.

Put on PATH as `aws` by `put_on_path`; an option that the operation does not have ends it with 252, as the real one.
"""

import re
import stat
import sys
from pathlib import Path
from typing import Any

import boto3
from botocore import xform_name
from botocore.exceptions import ClientError, ParamValidationError

_GLOBAL = {"region", "query", "output"}


def put_on_path(folder: Path, root: Path) -> None:
    """Writes `aws` into a folder; `root` is where this module is found from."""
    command = folder / "aws"
    command.write_text(f'#!/bin/bash\nPYTHONPATH={root} exec {sys.executable} -m {__name__} "$@"\n')
    command.chmod(command.stat().st_mode | stat.S_IXUSR)


def main(arguments: list[str]) -> int:
    """One call; prints what `--query`, names with dots between them, finds."""
    service, operation, *rest = arguments
    options = {name.removeprefix("--"): value for name, value in zip(rest[::2], rest[1::2], strict=True)}
    make: Any = boto3.client
    client = make(service, region_name=options["region"])
    name = operation.replace("-", "_")
    members = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[name]).input_shape.members
    spelled = {xform_name(member, "-"): member for member in members}
    if unknown := set(options) - set(spelled) - _GLOBAL:
        print(f"Unknown options: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 252
    given = {spelled[o]: _value(members[spelled[o]], v) for o, v in options.items() if o in spelled}
    try:
        answer = getattr(client, name)(**given)
    except (ClientError, ParamValidationError) as error:
        print(error, file=sys.stderr)
        return 254
    for part in options["query"].split(".") if "query" in options else ():
        answer = answer[part]
    print(answer)
    return 0


def _value(shape: Any, text: str) -> Any:
    """A map is written `key=value,key=value`."""
    return dict(re.findall(r"([^=,]+)=([^,]*)", text)) if shape.type_name == "map" else text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
