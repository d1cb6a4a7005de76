"""Spells where things lie inside the state bucket: the engine's, and what we keep beside them.

Must never talk to AWS: `store` does.
"""

from tradai_iac.backend import ORGANIZATION


def locks_prefix(project: str, stack: str) -> str:
    """Where the engine keeps the locks of one stack."""
    return f".pulumi/locks/{ORGANIZATION}/{project}/{stack}/"


def state_key(project: str, stack: str) -> str:
    """Where the engine keeps the state of one stack."""
    return f".pulumi/stacks/{project}/{stack}.json"


def run_key(project: str, stack: str, run_id: str, file: str) -> str:
    """Where we keep what a run leaves behind."""
    return f".tradai/runs/{project}/{stack}/{run_id}/{file}"


def plan_key(project: str, stack: str, run_id: str) -> str:
    """Where we keep the plan that a preview run made, for people to read."""
    return run_key(project, stack, run_id, "plan.json")


def engine_plan_key(project: str, stack: str, run_id: str) -> str:
    """Where we keep what binds the engine to that plan; its secrets are encrypted with the state's passphrase."""
    return run_key(project, stack, run_id, "update-plan.json")


def latest_run_key(project: str, stack: str) -> str:
    """Where we keep the id of the newest finished run of one stack."""
    return f".tradai/runs/{project}/{stack}/latest"


def owner_key(project: str, stack: str) -> str:
    """Where we keep whose a stack is."""
    return f".tradai/owner/{project}/{stack}.json"


def stood_key(project: str, stack: str) -> str:
    """Where our runs keep whether a stack stands."""
    return f".tradai/stood/{project}/{stack}.json"


def fence_prefix(project: str, stack: str, cluster: str) -> str:
    """Where we keep which leaderships of a cluster's operator have worked on a stack."""
    return f".tradai/fences/{project}/{stack}/{cluster}/"


def drift_key(project: str, stack: str, kind: str) -> str:
    """Where we keep what the newest look for drift found: its report (`json`) and its log (`log`)."""
    return f".tradai/drift/{project}/{stack}.{kind}"


def repair_key(project: str, stack: str) -> str:
    """Where we keep what a repair set out to do."""
    return f".tradai/repairs/{project}/{stack}.json"


def looks_key(project: str, stack: str) -> str:
    """Where we keep since when a repair has looked in vain."""
    return f".tradai/repairs/{project}/{stack}.looks.json"


def opened_key(project: str, stack: str, run_id: str) -> str:
    """Where it is noted that a run has begun to write a state, until it says that all of it is there."""
    return f"{opened_prefix(project, stack)}{run_id}.json"


def opened_prefix(project: str, stack: str) -> str:
    """Where all of those lie."""
    return f".tradai/repairs/{project}/{stack}.opened/"


def backup_key(project: str, stack: str, run_id: str) -> str:
    """Where we keep the state as it was before a run mended it."""
    return f".tradai/backups/{project}/{stack}/{run_id}.json"


def unsaved_key(project: str, stack: str, run_id: str) -> str:
    """Where we keep the state that a run could not save, since somebody else had written it meanwhile."""
    return f".tradai/unsaved/{project}/{stack}/{run_id}.json"


def preflight_key(project: str, stack: str) -> str:
    """Where a pre-flight tries to write; what a run that died there left is the next one's to take away."""
    return f".tradai/preflight/{project}/{stack}"


def history_prefix(system: str, environment: str) -> str:
    """Where we keep what an environment was: the manifest and images of each success of the whole."""
    return f".tradai/history/{system}/{environment}/"


def journal_key(project: str, stack: str, run_id: str, file: str) -> str:
    """Where a run elsewhere and whoever started it meet; gone once its result was taken."""
    return run_key(project, stack, run_id, f"journal/{file}")


def journal_prefix(project: str, stack: str, run_id: str) -> str:
    """Where all of that lies."""
    return journal_key(project, stack, run_id, "")


def dead_runs_prefix(project: str, stack: str) -> str:
    """Where we keep which runs of one stack were proven dead."""
    return f".tradai/dead/{project}/{stack}/"
