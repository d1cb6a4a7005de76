"""Before the first change of a layer: whether this caller may work there, each doubt in a sentence with its hint.

Pure: what was asked and seen in, a verdict out; `asking` asks. Must never refuse for what is not certain: a question
that AWS did not answer is a failure of its own kind, one that only might hurt is a warning.
"""

from dataclasses import dataclass

from tradai_iac.failure import Failure
from tradai_runner.contract import Plan, PreflightResult, RunRequest, Update
from tradai_runner.state.missing import OF_THE_STATE


@dataclass(frozen=True)
class BucketSeen:
    """The state bucket: where it is, whether it keeps old versions, and whether it knows conditional writes.

    None where that may not be asked, or was not answered.
    """

    region: str
    versioned: bool | None = None
    conditional: bool | None = None


@dataclass(frozen=True)
class Seen:
    """What was found out; None where there was nothing to ask, a Failure where no answer came.

    `region` is whether the account has it enabled; `opens` whether passphrase or key open the state that stands;
    `state` why that is none to work on.
    """

    account: str | Failure
    region: bool | Failure | None = None
    bucket: BucketSeen | Failure | None = None
    opens: bool | Failure | None = None
    state: Failure | None = None


@dataclass(frozen=True)
class Verdict:
    """The refusals in order, reason and failure each, and what is only worth saying."""

    refusals: tuple[tuple[str, Failure], ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def failure(self) -> Failure | None:
        """The first refusal, with the others in its words; None where nothing speaks against it."""
        if not self.refusals:
            return None
        first, *more = [failure for _, failure in self.refusals]
        texts = "; ".join(failure.error for failure in (first, *more))
        hints = " ".join(dict.fromkeys(failure.hint for failure in (first, *more)))
        return first.model_copy(update={"error": texts, "hint": hints})

    def result(self, request: Update | Plan) -> PreflightResult:
        """What the operator keeps of it."""
        if failure := self.failure:
            return PreflightResult(
                facts=request.survey, ok=False, reason=self.refusals[0][0], message=_sentence(failure)
            )
        opener = "key" if request.kms_key else "passphrase"
        said = f"account {request.account_id}, region {request.region}, state backend and {opener} are in order"
        return PreflightResult(
            facts=request.survey,
            ok=True,
            reason="PreflightWarned" if self.warnings else "PreflightPassed",
            message="; ".join((said, *self.warnings)),
        )


def judge(request: RunRequest, seen: Seen) -> Verdict:
    """The verdict on what was seen."""
    found = (_account(request, seen), _region(request, seen), _bucket(seen), _state(seen), _opener(seen))
    return Verdict(tuple(refusal for refusal in found if refusal), _warnings(request, seen))


def _sentence(failure: Failure) -> str:
    return f"{failure.error}. {failure.hint}"


def _account(request: RunRequest, seen: Seen) -> tuple[str, Failure] | None:
    if isinstance(seen.account, Failure):
        return "IdentityUnknown", seen.account
    if seen.account == request.account_id:
        return None
    return "AccountMismatch", Failure(
        kind="Account",
        error=f"the caller belongs to account {seen.account}, and spec.aws.accountId is {request.account_id}",
        hint="Nothing was touched. Give the operator credentials of that account, or set spec.aws.assumeRoleArn to a "
        "role in it.",
    )


def _region(request: RunRequest, seen: Seen) -> tuple[str, Failure] | None:
    if isinstance(seen.region, Failure):
        return None  # whoever may not ask may still build there
    if seen.region is not False:
        return None
    return "RegionUnusable", Failure(
        kind="Config",
        error=f"region {request.region} does not exist or is not enabled in account {request.account_id}",
        hint="Nothing was touched. Enable the region in the account, or make the resource again with another one.",
    )


def _bucket(seen: Seen) -> tuple[str, Failure] | None:
    if isinstance(seen.bucket, Failure):
        return "BackendUnusable", seen.bucket
    return None


def _state(seen: Seen) -> tuple[str, Failure] | None:
    """A state that could not be asked for is the run's own to tell: what keeps the bucket from answering is said."""
    return (seen.state.kind, seen.state) if seen.state and seen.state.kind in OF_THE_STATE else None


def _opener(seen: Seen) -> tuple[str, Failure] | None:
    if isinstance(seen.opens, Failure):
        return "StateKeyUnusable" if seen.opens.kind == "StateKey" else seen.opens.kind, seen.opens
    if seen.opens is not False:
        return None
    return "PassphraseWrong", Failure(
        kind="Passphrase",
        error="the passphrase does not open the existing state",
        hint="Nothing was touched. Put the one that the state was made with into the Secret of "
        "spec.state.secrets.passphraseSecretRef.",
    )


def _warnings(request: RunRequest, seen: Seen) -> tuple[str, ...]:
    said = []
    if isinstance(seen.region, Failure):
        said.append(f"could not find out whether region {request.region} is enabled")
    if isinstance(seen.bucket, BucketSeen) and seen.bucket.versioned is False:
        said.append("the state bucket keeps no old versions: enable versioning, so that a lost state can be recovered")
    if isinstance(seen.bucket, BucketSeen) and seen.bucket.conditional is False:
        said.append(
            "the state bucket does not support conditional writes: each checkpoint is written at once, whatever "
            "state.durability says, and two writers at the same time can overwrite each other"
        )
    return tuple(said)
