"""`python -m tools.images NAME`: builds the image of operator and runs by the container engine of this machine.

What the Dockerfile asks for without a default comes from the environment, under its own name. Must never go on without
one of these, nor with a word that is no digest.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
DOCKERFILE: Final = ROOT / "operator" / "Dockerfile"
ENGINES: Final = ("docker", "podman", "buildah")
#: What has to be brought: where it is found, and how it looks.
REQUIRED: Final[Mapping[str, tuple[str, re.Pattern[str]]]] = {
    "PYTHON_DIGEST": (
        "the digest of docker.io/library/python:3.11-slim-bookworm, as your registry tells it",
        re.compile(r"sha256:[0-9a-f]{64}"),
    ),
    "PULUMI_SHA256": (
        "of the linux-x64 archive, in pulumi-<version>-checksums.txt beside its release",
        re.compile(r"[0-9a-f]{64}"),
    ),
    "PULUMI_AWS_SHA256": (
        "of the linux-amd64 archive, in the checksums beside the release of pulumi-aws",
        re.compile(r"[0-9a-f]{64}"),
    ),
}


def main(arguments: Sequence[str] | None = None, environment: Mapping[str, str] = os.environ) -> int:
    """Builds; 1 with what is lacking, else what the engine ends with."""
    parser = argparse.ArgumentParser(prog="python -m tools.images", description="Build the image of operator and runs.")
    parser.add_argument("name", help="the name and tag of the image")
    parser.add_argument("--target", choices=("operator", "runner"), default="operator", help="what it starts")
    options = parser.parse_args(arguments)
    if wrong := lacking(environment):
        print("\n".join(["the image cannot be built yet; set in the environment:", *wrong]), file=sys.stderr)
        return 1
    if (engine := next(filter(None, map(shutil.which, ENGINES)), None)) is None:
        print(f"no container engine is on PATH: {', '.join(ENGINES)} can build it", file=sys.stderr)
        return 1
    return subprocess.run(command(engine, options.name, options.target, environment), cwd=ROOT, check=False).returncode


def lacking(environment: Mapping[str, str]) -> list[str]:
    """What is missing or is no such thing, a line each."""
    return [
        f"  {name}: {where}"
        for name, (where, form) in REQUIRED.items()
        if not form.fullmatch(environment.get(name, ""))
    ]


def command(engine: str, name: str, target: str, environment: Mapping[str, str]) -> list[str]:
    """The engine's command; all of them share these words. Fargate and most nodes are x86-64, as the archives are."""
    given = [word for key in REQUIRED for word in ("--build-arg", f"{key}={environment[key]}")]
    options = ["--platform", "linux/amd64", "--target", target, "--file", str(DOCKERFILE), "--tag", name]
    return [engine, "build", *options, *given, str(ROOT)]


if __name__ == "__main__":
    sys.exit(main())
