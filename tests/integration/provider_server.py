"""A local AWS endpoint for the provider's tests, and the environment in which the engine finds the provider."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
CACHE = Path(os.environ.get("TRADAI_CACHE", Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "tradai"))


@contextmanager
def moto_server(*more: str) -> Iterator[str]:
    """A fresh endpoint as the sandbox has it, with `more` arguments; ends with the block. It says when it answers."""
    command = [sys.executable, "-m", "tradai_sandbox.aws", "--port", "0", *more]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            yield str(server.stdout and server.stdout.readline()).strip()
        finally:
            server.terminate()
            server.wait(timeout=60)


def provider_environment(url: str, folder: Path) -> dict[str, str]:
    """The variables under which engine, provider and plain boto3 all talk to `url`."""
    found = [str(ROOT / "iac" / "tradai_sandbox" / "bin"), str(Path(sys.executable).parent)]
    found += [str(path) for path in sorted(CACHE.glob("bin/pulumi-*"))]
    return {
        "PATH": os.pathsep.join([*found, os.environ["PATH"]]),
        "TRADAI_PYTHON": sys.executable,
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "sandbox",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "PULUMI_HOME": str(folder / "pulumi-home"),
        "PULUMI_CONFIG_PASSPHRASE": "sandbox",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }
