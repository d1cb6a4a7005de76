"""Leaves the log and the result of a run in the state bucket for whoever comes later, and clears the oldest away.

Happens after the result is out, so that nobody waits for it. Must never turn a good run into a failed one.
"""

from botocore.exceptions import BotoCoreError, ClientError

from tradai_iac.blueprints import BUILDABLE
from tradai_runner.bucket.keys import drift_key, latest_run_key, run_key
from tradai_runner.bucket.store import store_of
from tradai_runner.contract import DriftCheck, RunRequest, RunResult
from tradai_runner.journal.local import Journal
from tradai_runner.retention import prune


def archive(journal: Journal, request: RunRequest, result: RunResult) -> None:
    """Copies log and result; a store that does not answer is noted in the local log."""
    blueprint = BUILDABLE.get(request.blueprint)
    store = store_of(request)
    if store is None or blueprint is None:
        return
    project = blueprint.stack_project(request.layer)
    log = journal.log_path.read_bytes() if journal.log_path.exists() else b""
    try:
        if isinstance(request, DriftCheck):  # one for the newest look: nobody rolls back to a look, and they are many
            store.put(drift_key(project, request.environment, "log"), log)
            return
        store.put(run_key(project, request.environment, request.run_id, "log.txt"), log)
        store.put(
            run_key(project, request.environment, request.run_id, "result.json"),
            result.model_dump_json(exclude={"sealed"}).encode(),
        )
        store.put(latest_run_key(project, request.environment), request.run_id.encode())
        prune(store, project, request.environment, request.kept_runs, result.finished_at)
    except (ClientError, BotoCoreError, OSError) as error:
        journal.log(f"the log could not be kept in the state bucket: {error}")
