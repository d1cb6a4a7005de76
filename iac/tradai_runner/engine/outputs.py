"""What a stack exports, secret values in clear, as the engine opens them with the state's passphrase.

Must never be asked where the masked values of the checkpoint would do.
"""

import shutil
from typing import Any

from pulumi import automation as auto

from tradai_runner.contract import RunRequest
from tradai_runner.engine.stack import open_stack


def clear_outputs(request: RunRequest, project: str) -> dict[str, Any]:
    """Name → value of every output; raises pulumi.automation's CommandError, for a wrong passphrase for instance."""
    stack = open_stack(request, project, lambda: None)
    workspace: auto.Workspace = stack.workspace
    try:
        return {name: output.value for name, output in workspace.stack_outputs(stack.name).items()}
    finally:
        shutil.rmtree(workspace.work_dir, ignore_errors=True)
