"""The journal of a run elsewhere: objects in the state bucket, which both the run and its operator reach.

`request.json` and `place.json` are the intent, `beat.json` says every few seconds that the run lives and where it
stands, `result.json` ends it, `refused.json` says why it does not even begin. Must never hold a secret: values come to
the run by the container's own means.
"""

from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel, TypeAdapter

from tradai_iac.base import Frozen
from tradai_runner.bucket.keys import journal_key
from tradai_runner.bucket.store import BucketStore, Store, open_store
from tradai_runner.contract import REQUESTS, Progress, RunRequest, RunResult
from tradai_runner.journal.address import RunAddress

_M = TypeVar("_M", bound=BaseModel)
_PLACE = TypeAdapter(dict[str, str])
_FILES = ("request.json", "place.json", "beat.json", "log.txt", "result.json", "refused.json")


class Beat(Frozen):
    """A run says that it lives: as whom it works, since when, how often it has said so, and where it stands."""

    user: str
    host: str
    since: float
    at: float
    count: int
    progress: Progress | None = None


class Refusal(Frozen):
    """Why a container does not begin the run that it was started for."""

    why: str


class BucketJournal:
    """The objects of one run; every method raises botocore's ClientError and BotoCoreError."""

    def __init__(self, address: RunAddress, store: Store) -> None:
        self._address = address
        self._store = store

    def open(self, request: RunRequest, place: Mapping[str, str]) -> None:
        """The intent, before anything runs: what, and where (what the executor needs to find it again)."""
        self._put("place.json", _PLACE.dump_json(dict(place)))
        self._put("request.json", request.model_dump_json(indent=1).encode())

    def request(self) -> RunRequest | None:
        """What is asked."""
        body = self._get("request.json")
        return None if body is None else REQUESTS.validate_json(body)

    def place(self) -> dict[str, str] | None:
        """Where it runs."""
        body = self._get("place.json")
        return None if body is None else _PLACE.validate_json(body)

    def beat(self) -> Beat | None:
        """The newest word of the run."""
        return self._read("beat.json", Beat)

    def say(self, beat: Beat) -> None:
        """The run lives."""
        self._put("beat.json", beat.model_dump_json().encode())

    def show(self, log: bytes) -> None:
        """The end of the log so far."""
        self._put("log.txt", log)

    def finish(self, result: RunResult) -> None:
        """The run is over."""
        self._put("result.json", result.model_dump_json().encode())

    def result(self) -> RunResult | None:
        """How it ended, once it has."""
        body = self._get("result.json")
        return None if body is None else RunResult.read(body)

    def refuse(self, refusal: Refusal) -> None:
        """The run does not begin."""
        self._put("refused.json", refusal.model_dump_json().encode())

    def refusal(self) -> Refusal | None:
        """Why it does not, where its container said so."""
        return self._read("refused.json", Refusal)

    def clear(self) -> None:
        """The result was taken."""
        for file in _FILES:
            self._store.delete(self._key(file))

    def _read(self, file: str, model: type[_M]) -> _M | None:
        body = self._get(file)
        return None if body is None else model.model_validate_json(body, extra="ignore")

    def _get(self, file: str) -> bytes | None:
        return self._store.get(self._key(file))

    def _put(self, file: str, body: bytes) -> None:
        self._store.put(self._key(file), body)

    def _key(self, file: str) -> str:
        return journal_key(self._address.project, self._address.stack, self._address.run_id, file)


def store_at(address: RunAddress) -> BucketStore:
    """The bucket of an address."""
    store = open_store(f"s3://{address.bucket}/{address.folder}", address.region, address.endpoint_url)
    if store is None:
        raise ValueError(f"{address} is not a bucket")
    return store
