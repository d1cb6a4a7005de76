"""Makes the stack program's context from a request: names, the blueprint's settings, secret values.

The only place where a secret's file is read. Must never keep a value outside an output marked secret.
"""

from pathlib import Path

import pulumi

from tradai_iac.backend import bucket_of
from tradai_iac.blueprint import Blueprint
from tradai_iac.context import Context
from tradai_iac.naming import Naming
from tradai_iac.settings import Settings
from tradai_runner.contract import Destroy, RunRequest, Unprotect


def build_context(blueprint: Blueprint, request: RunRequest) -> Context[Settings]:
    """The context of one run; raises OSError where a secret's file is missing."""
    settings = blueprint.settings(request.environment)
    return Context(
        environment=request.environment,
        account_id=request.account_id,
        region=request.region,
        naming=Naming(blueprint.project, request.environment, request.bucket_suffix),
        # a destroy runs its program only to take away what refuses the deletion
        settings=settings.unprotected() if isinstance(request, Unprotect | Destroy) else settings,
        secrets={name: _secret(Path(path).read_text()) for name, path in request.secret_files.items()},
        state_bucket=bucket_of(request.backend_url),
        images=request.images,
    )


def _secret(value: str) -> pulumi.Output[str]:
    return pulumi.Output.secret(value)
