"""The state of the stack that a run is about to work on, read beside the engine's own start.

Must never make a run wait: it reads in a thread of its own, and whoever needs the answer asks for it late.
"""

from concurrent.futures import Future, ThreadPoolExecutor

from tradai_iac.runner.checkpoint import Checkpoint, read_checkpoint
from tradai_iac.runner.contract import RunRequest


class Record:
    """What the state bucket has of one stack; begins to read at once where the operation runs a program."""

    def __init__(self, request: RunRequest, project: str) -> None:
        self._request = request
        self._project = project
        self._answer: Future[Checkpoint] = Future()
        self.again()

    def again(self) -> None:
        """Reads anew, because another run may have written since."""
        if self._request.operation in {"up", "preview"}:
            self._answer = self._begin()

    def get(self) -> Checkpoint:
        """The record, an empty one where there is no stack yet; only for an operation that runs a program.

        Raises botocore's ClientError and connection errors.
        """
        return self._answer.result()

    def _begin(self) -> Future[Checkpoint]:
        worker = ThreadPoolExecutor(1, thread_name_prefix="record")
        answer = worker.submit(self._read)
        worker.shutdown(wait=False)
        return answer

    def _read(self) -> Checkpoint:
        from tradai_iac.runner.store import open_store  # boto3 loads while the engine starts

        request = self._request
        store = open_store(request.backend_url, request.region, request.endpoint_url)
        found = read_checkpoint(store, self._project, request.environment) if store else None
        return found or Checkpoint()
