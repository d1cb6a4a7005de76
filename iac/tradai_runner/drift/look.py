"""What a run has to do with a look for drift: what the engine is told, and where the report goes.

Must never fail a look because its row could not be written: the report is what counts.
"""

import time
from collections.abc import Mapping
from typing import Any

from tradai_iac.blueprint import Blueprint
from tradai_iac.blueprints import BUILDABLE
from tradai_runner.bucket.keys import drift_key
from tradai_runner.contract import DriftCheck, Plan, RunRequest, Update
from tradai_runner.contract.drift import DriftSummary
from tradai_runner.drift.report import DriftReport, Looker, is_reading
from tradai_runner.journal.local import Journal
from tradai_runner.process.writes import point


class Looking:
    """The look of one run, if it is one; also what an update that corrects has to do with reading anew."""

    def __init__(self, request: RunRequest, journal: Journal) -> None:
        self._request = request
        self._journal = journal
        self._looker: Looker | None = None

    @property
    def options(self) -> Mapping[str, bool]:
        """What the engine is told."""
        request = self._request
        rereads = request.refresh if isinstance(request, Update | Plan) else isinstance(request, DriftCheck)
        return {"refresh": True} if rereads else {}

    def begin_anew(self) -> None:
        """Before an attempt: forgets the events of one that came to nothing."""
        if isinstance(self._request, DriftCheck):
            blueprint = BUILDABLE[self._request.blueprint]
            self._looker = Looker(blueprint, self._request.drift.ignore, self._journal.mask)

    def observe(self, event: Any) -> bool:
        """Takes one engine event; says whether it is about the run's own work, and not just the reading before it."""
        if self._looker:
            self._looker.observe(event)
        return not (self.options and is_reading(event))

    def keep(self, blueprint: Blueprint) -> DriftSummary | None:
        """Leaves the report in the bucket and says what it amounts to, None for a run that does not look.

        Raises botocore's ClientError and connection errors.
        """
        if self._looker is None:
            return None
        from tradai_runner.bucket.store import store_of
        from tradai_runner.drift.row import write_row  # boto3 takes half a second that other runs do not need

        request, project = self._request, blueprint.stack_project(self._request.layer)
        report = DriftReport(
            run_id=request.run_id,
            layer=request.layer,
            environment=request.environment,
            stack=f"{project}-{request.environment}",
            checked_at=time.time(),
            resources=self._looker.resources(),
        )
        body, key = report.model_dump_json(indent=1), drift_key(project, request.environment, "json")
        with point("journal.drift"):
            (self._journal.path / "drift.json").write_text(body)
        if store := store_of(request):
            store.put(key, body.encode())
        write_row(request, blueprint, report, key, self._journal.log)
        return report.summary()
