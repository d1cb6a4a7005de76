"""The operator as a local process, with the rights of its own service account and nothing more.

Must never see the administrator's kubeconfig.
"""

import os
import sys
from collections.abc import Mapping

from tradai_sandbox.ports import HOST
from tradai_sandbox.services.probe import http_ok
from tradai_sandbox.services.service import Context, Service
from tradai_sandbox.variables import OPERATOR_NAMESPACE, variables

NAME = "operator"

#: The operator learns these from resources and Secrets, as everywhere else.
_NOT_THE_OPERATORS = frozenset({"PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE"})
#: Settings of the operator that whoever brings the sandbox up may choose.
_CHOSEN = ("TRADAI_RUN_MEMORY_MIB",)


def _environment(context: Context) -> Mapping[str, str]:
    shared = {name: value for name, value in variables(context).items() if name not in _NOT_THE_OPERATORS}
    chosen = {name: os.environ[name] for name in _CHOSEN if name in os.environ}
    return (
        shared
        | chosen
        | {
            "KUBECONFIG": str(context.layout.kubeconfig(NAME)),
            "TRADAI_OPERATOR_NAMESPACE": OPERATOR_NAMESPACE,
            "TRADAI_JOURNAL_DIR": str(context.layout.journal),
            "TRADAI_METRICS_ADDRESS": f"{HOST}:{context.ports[NAME]}",
            "TRADAI_METRICS_NAMES": "true",  # it listens on loopback, and all environments are this person's
            "PULUMI_HOME": str(context.layout.pulumi_home),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "MALLOC_ARENA_MAX": "2",  # short-lived threads look for images: an arena for each would never shrink
        }
    )


SERVICE = Service(
    name=NAME,
    ports=(NAME,),
    command=lambda _context: (sys.executable, "-m", "tradai_operator"),
    ready=lambda context: http_ok(context.ports[NAME], "/readyz"),
    environment=_environment,
)
