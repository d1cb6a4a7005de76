"""Whether an environment may be acted upon at all: its namespace is served, and what it aims at is permitted.

Pure. Must never be asked after a run has started: nothing is sent to what is not permitted, not even a question.
"""

from tradai_operator.decide.settings import Settings
from tradai_operator.model import Environment, EnvironmentStatus
from tradai_operator.model.allowlist import Allowlist, explained, refusals


def not_permitted(env: Environment, status: EnvironmentStatus, allowlist: Allowlist, settings: Settings) -> str:
    """Why nothing may run for this environment, and whom to ask; empty where all is well."""
    if not serves(settings, env.namespace):
        return (
            f"this operator may not read Secrets in namespace {env.namespace}: ask the people who run it to add the "
            "namespace to its TRADAI_SECRET_NAMESPACES, and to bind its role tradai-operator-secrets there"
        )
    aws = env.spec.aws
    backend = None if _ran(status, allowlist) else env.spec.state.backend_url
    problems = refusals(
        allowlist,
        env.namespace,
        {"endpoint": aws.endpoint_url, "role": aws.assume_role_arn, "backend": backend},
        account=aws.account_id,
        own=settings.endpoint_url,
    )
    return explained(problems, settings.namespace) if problems else ""


def _ran(status: EnvironmentStatus, allowlist: Allowlist) -> bool:
    """Whether it has worked on its bucket before, which never changes, at a time when no rules had to name that."""
    return allowlist.rules is None and any(layer.touched for layer in status.layers)


def serves(settings: Settings, namespace: str) -> bool:
    """Whether the operator may read the Secrets of a namespace."""
    return not settings.secret_namespaces or namespace in settings.secret_namespaces
