"""What `--record` adds to a play: commands find the recording plug-in first, and what it heard becomes a file.

Must never record through another proxy: what it sees would not be what AWS is sent.
"""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tools.facts.__main__ import HANDLERS
from tools.recording.folder import begin, plugin
from tools.recording.judged import beyond, lacking, unknown
from tools.recording.recording import Recording, collected
from tools.smoke.account import Account, SmokeError
from tools.smoke.by_hand import blueprint_of
from tradai_iac.accounts import Account as Prepared
from tradai_iac.accounts import bootstrap_policy
from tradai_iac.iam.policies import statements

_PROXIES: Final = ("HTTPS_PROXY", "https_proxy")


@dataclass(frozen=True)
class Recorder:
    """`file` is where the recording is written, `folder` where its lines are kept meanwhile."""

    file: Path
    folder: Path = Path(".record")

    def variables(self, given: Mapping[str, str], *, anew: bool) -> dict[str, str]:
        """With these commands are recorded; raises SmokeError where a proxy is in the way, or there is no plug-in."""
        if any(os.environ.get(name) for name in _PROXIES):
            raise SmokeError(f"{' or '.join(_PROXIES)} is set: record where AWS is reached without a proxy")
        path = given.get("PATH", os.environ.get("PATH", os.defpath))
        try:
            plugin(self.folder, path)
        except FileNotFoundError as error:
            raise SmokeError(str(error)) from None
        return {**given, "PATH": f"{begin(self.folder, anew=anew)}{os.pathsep}{path}"}

    def keep(self) -> Recording | None:
        """Writes what was heard so far; None where that is nothing."""
        try:
            recording = collected(self.folder)
        except LookupError:
            return None
        recording.write(self.file)
        return recording

    def tell(self, account: Account) -> None:
        """What the recording shows; raises SmokeError where nothing was heard, or the role lacks what is called."""
        recording = self.keep()
        if recording is None:
            raise SmokeError("no call was heard: the engine found another plug-in first, or the steps ended before it")
        for line in _summary(recording):
            account.say(line)
        found = [*(f"of unknown right: {each}" for each in unknown(recording)), *_lacking(recording, account)]
        if found:
            raise SmokeError("the deploy role lacks rights, or our tables do:\n" + "\n".join(found))


def _summary(recording: Recording) -> Iterator[str]:
    kind = {"account": "AWS itself", "sandbox": "a sandbox, which tells nothing about AWS"}[recording.origin.kind]
    yield f"{len(list(recording.rows))} calls of {len(recording.types)} types, of {kind}"
    for operation in ("create", "read", "update", "delete"):
        yield f"  {operation}: {sum(operation in operations for operations in recording.types.values())} types"
    types: dict[str, dict[str, Any]] = json.loads(HANDLERS.read_text(encoding="utf-8"))["types"]
    rights = {
        name: [right for key, found in row.items() if key != "as" for right in found] for name, row in types.items()
    }
    for each in beyond(recording, rights):
        yield f"  no handler of AWS's schema asks for {each}"


def _lacking(recording: Recording, account: Account) -> list[str]:
    """None for a system that declares no rights: it has no role."""
    declared, spec = blueprint_of(account), account.body["spec"]
    if not declared.rights:
        return []
    prepared = Prepared(
        account_id=spec["aws"]["accountId"],
        region=spec["aws"]["region"],
        environment=account.environment,
        blueprint=declared.name,
        bucket_suffix=spec["aws"].get("bucketSuffix", ""),
    )
    return lacking(recording, statements(bootstrap_policy(prepared), of="the deploy role"))
