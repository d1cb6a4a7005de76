"""Which of several passphrases opens the state that a destroy is to work on, told from the state file alone.

Must never keep or print one, nor choose where the state says nothing: then the first one given counts.
"""

from collections.abc import Callable
from pathlib import Path

from tradai_iac.failure import Failure
from tradai_runner.contract import OTHER_PASSPHRASE, Destroy, RunRequest
from tradai_runner.state.missing import Stack
from tradai_runner.state.passphrase import opens, salt_of_state
from tradai_runner.state.reading import read_stack


def opening(request: RunRequest, project: str, log: Callable[[str], None]) -> RunRequest | Failure:
    """The request with the passphrase that opens the state, or that none does; raises botocore's errors, OSError."""
    others = [path for name, path in sorted(request.secret_files.items()) if name.startswith(OTHER_PASSPHRASE)]
    first = request.passphrase_file
    plain = request.model_copy(update={"secret_files": {}}) if others else request
    if not isinstance(request, Destroy) or not others or first is None:
        return plain
    salt = _salt(request, project)
    if salt is None:
        return plain
    chosen = next((path for path in (first, *others) if opens(salt, Path(path).read_text().rstrip("\n"))), None)
    if chosen is None:
        return Failure(
            kind="Passphrase",
            error=f"none of the {1 + len(others)} passphrases that are known opens the state",
            hint="Nothing was touched. Put the one that the state was made with into the Secret of "
            "spec.state.secrets.passphraseSecretRef.",
        )
    if chosen != first:
        log("the state was opened with a passphrase that was kept from earlier runs, not with the Secret's")
    return plain.model_copy(update={"passphrase_file": chosen})


def _salt(request: RunRequest, project: str) -> str | None:
    from tradai_runner.bucket.store import store_of  # boto3 takes half a second that other runs do not need

    store = store_of(request)
    if store is None:
        return None
    reading = read_stack(store, Stack(project, request.environment), known=request.stood)
    return salt_of_state(reading.body) if reading.found and reading.failure is None else None
