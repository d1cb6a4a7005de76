"""The environment variables through which kubectl, pulumi and AWS clients find the sandbox.

Must never carry a variable of the caller that points a client at a real account.
"""

import os
import shlex
from collections.abc import Mapping

from tradai_iac.backend import engine_url
from tradai_sandbox.layout import BINARIES, PLUGINS
from tradai_sandbox.services import aws
from tradai_sandbox.services.service import Context

REGION = "eu-central-1"
NAMESPACE = "tradai"
OPERATOR_NAMESPACE = "tradai-system"
#: One state bucket an environment (001 §10); people at the keyboard get dev's.
STATE_BUCKETS = tuple(f"tradai-pulumi-state-{environment}" for environment in ("dev", "staging", "prod"))

#: What a process of the sandbox may inherit: never proxies, profiles or credentials.
_INHERITED = ("HOME", "LANG", "LC_ALL", "LOGNAME", "SHELL", "TERM", "TMPDIR", "TZ", "USER", "XDG_CACHE_HOME")


def variables(context: Context) -> dict[str, str]:
    """Exactly what `.sandbox/env` exports, PATH whole."""
    endpoint = aws.url(context)
    return {
        "KUBECONFIG": str(context.layout.kubeconfig("admin")),
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "sandbox",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_DEFAULT_REGION": REGION,
        "PULUMI_BACKEND_URL": engine_url(f"s3://{STATE_BUCKETS[0]}", REGION, endpoint),
        "PULUMI_CONFIG_PASSPHRASE": context.credentials.passphrase,
        "PATH": os.pathsep.join((str(PLUGINS), str(BINARIES), os.environ.get("PATH", os.defpath))),
    }


def inherited() -> dict[str, str]:
    """The caller's environment as far as a process of the sandbox may see it."""
    kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return kept | {"PATH": os.environ.get("PATH", os.defpath)}


def script(values: Mapping[str, str]) -> str:
    """A file to source: PATH is put before the shell's own, everything else is set."""
    ours = os.pathsep.join((str(PLUGINS), str(BINARIES)))
    lines = [f"export {name}={shlex.quote(value)}" for name, value in values.items() if name != "PATH"]
    return "\n".join([*lines, f'export PATH={shlex.quote(ours)}:"$PATH"']) + "\n"
