"""Reads what engine, provider and AWS print, and says what kind of failure it is and what a person can do.

Pure: text in, `Failure` out. Adding a kind of failure is adding a row. Must never hide the original error.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Final, Literal

from tradai_iac.base import Frozen
from tradai_iac.plugged import FAILURE_SIGNS, rows

_MAX_ERROR: Final = 2000
_REQUEST_ID = re.compile(r'request ?id:? ?"?([0-9A-Za-z-]{8,})', re.IGNORECASE)
_STREAM = re.compile(r"^std(out|err): ")
_API_ERROR = re.compile(r"api error (?P<code>\w+): (?P<text>.+?)(?:, request id|$)", re.IGNORECASE | re.MULTILINE)


FailureClass = Literal[
    "Throttled", "Credentials", "Quota", "Lock", "Program", "Config", "Network", "Backend", "Conflict",
    "Passphrase", "Provider", "Cancelled", "Lost", "Immutable", "Plan", "Unfinished", "Unseen", "Unresolved", "Owner",
    "Images", "Account", "Unconfirmed", "StateKey", "Protected", "NotStarted", "StateGone", "StateDamaged", "Unknown",
]  # fmt: skip


class Failure(Frozen):
    """Why a run failed, in terms a person can act on; `state` names the state file where that is what is wrong."""

    kind: FailureClass
    error: str
    urn: str = ""
    request_id: str = ""
    hint: str = ""
    state: str = ""


@dataclass(frozen=True)
class Sign:
    """A text that tells a kind of failure, and what to do about it; `says` where the text has no words of its own."""

    kind: FailureClass
    pattern: re.Pattern[str]
    hint: str
    says: str = ""


def sign(kind: FailureClass, pattern: str, hint: str, says: str = "") -> Sign:
    """A row: what an error's text has in it, in whatever case, and what a person can do."""
    return Sign(kind, re.compile(pattern, re.IGNORECASE), hint, says)


#: How AWS says that something of that name is there already.
_TAKEN: Final = re.compile(r"Already ?Exist|AlreadyOwnedByYou|ResourceInUse|Duplicate|NameExists|ResourceExists", re.I)
#: How KMS says that a key does not serve, for now or for ever; what passes by itself is not among it.
_KEY_LOST: Final = (
    "DisabledException|KMSInvalidState|NotFoundException|AccessDenied|InvalidCiphertext|IncorrectKey|InvalidKeyUsage"
)
_UNREACHED: Final = "AWS could not be reached; it is tried again automatically."
#: The first row that matches wins: from the most telling to the most general.
SIGNS: Final = (
    sign(
        "Plan",
        r"violates plan|is not allowed by the plan",
        "The changes are no longer those that were planned; they are planned again automatically.",
    ),
    sign(
        "Protected",
        r"cannot be deleted\s+because it is protected|currently marked for protection",
        "What would be deleted or replaced here is protected, as production's data is. To keep it, declare it as it "
        "was. To let it go, take the protection of each such resource from the state (`pulumi state unprotect` with "
        "its URN, in the layer's folder, on the state of spec.state.backendUrl; the engine names one at a time), then "
        "`tradai retry`: what is lost is planned and approved as always. Where the whole layer goes: docs/TEARDOWN.md.",
    ),
    sign(
        "StateDamaged",
        r"snapshot integrity|after mutation of snapshot",
        "The engine refuses this state, and nothing is tried until it is replaced: put a copy back with `tradai state "
        "list` and `tradai state restore`, or mend it by hand with `pulumi stack export` and `pulumi stack import`.",
    ),
    sign(
        "Lost",
        r"\bcode: -(9|15)\b|signal: (killed|terminated)|died with <Signals\.SIG(KILL|TERM)",
        "The next run looks up what it was in the middle of, and repairs it.",
        "the engine was killed",
    ),
    sign(
        "Lost",
        # between the engine and its plugins, which are processes of this host
        r"rpc error: code = Unavailable|grpc: the client connection is closing|error reading from server"
        r"|could not read plugin \[",
        "A provider's process died, for lack of memory for instance: the log says where. The next run looks up what it "
        "was in the middle of, and repairs it.",
    ),
    sign(
        "Lock",
        r"currently locked by|ConcurrentUpdateError",
        "Someone else is working on this stack; it continues automatically once that lock is gone.",
    ),
    sign(
        "Passphrase",
        r"incorrect passphrase|passphrase must be set|no passphrase",
        "The passphrase does not open this state: put the one it was made with into the Secret of the spec.",
    ),
    sign(
        "StateKey",
        rf"operation error KMS: (En|De)crypt\b.{{0,600}}\b({_KEY_LOST})"
        rf"|\(({_KEY_LOST})\w*\) when calling the (En|De)crypt operation",
        "The key of spec.state.secrets.awskms does not serve whoever runs the layers: enable it again or cancel its "
        "deletion (`aws kms enable-key`, `aws kms cancel-key-deletion`), or let operator and runner use it (`tradai "
        "bootstrap account --operator-arn`); then `tradai retry`. A key that is gone for good takes the secrets in the "
        "state along: docs/TEARDOWN.md.",
    ),
    sign(
        "Throttled",
        # a word of its own: `throttlingBurstLimit` is a setting
        r"Throttl(ing|ed)(Exception)?\b|TooManyRequests|RequestLimitExceeded|SlowDown|Rate exceeded"
        r"|PriorRequestNotComplete|ProvisionedThroughputExceeded",
        "AWS asks to slow down; it is tried again automatically.",
    ),
    sign(
        "Images",
        r"Source image .{1,400}(does not exist|is not valid)|CannotPullContainer|ImageNotFoundException",
        "An image was deleted just before the run needed it: push it again, and the layer goes on. To avoid this, "
        "overwrite tags instead of deleting them, or make the repository's lifecycle rule keep what is deployed.",
    ),
    sign(
        "Account",
        r"account ids? not allowed",
        "The credentials belong to another account than spec.aws.accountId: run the operator with those of that "
        "account, or set spec.aws.assumeRoleArn to a role in it.",
    ),
    sign(
        "Credentials",
        r"cannot be assumed|perform: sts:AssumeRole|when calling the AssumeRole\w* operation: (Access|Not author)",
        "The role of spec.aws.assumeRoleArn does not let this caller in: its trust policy names the operator's role "
        "and the external id, which is <namespace>/<name> of the resource.",
    ),
    sign(
        "Credentials",
        r"ExpiredToken|InvalidAccessKeyId|SignatureDoesNotMatch|RequestTimeTooSkewed|InvalidClientTokenId"
        r"|UnrecognizedClient|AuthFailure|NoCredentialProviders|Unable to locate credentials|no EC2 IMDS role found"
        r"|failed to refresh cached credentials|No valid credential sources|InvalidIdentityToken",
        "The credentials that the run was started with are missing, stale or wrong: renew them.",
    ),
    sign(
        "Network",
        r"connection refused|connection reset|no such host|i/o timeout|EndpointConnectionError|Could not connect"
        r"|\bEOF\b|TLS handshake timeout|no route to host|network is unreachable|server misbehaving"
        r"|Connection was closed",
        _UNREACHED,
    ),
    sign(
        "Backend",
        r"PermanentRedirect|AuthorizationHeaderMalformed|MissingRegion",
        "The bucket of spec.state.backendUrl is in another region than spec.aws.region: use one that is in it.",
    ),
    sign(
        "Backend",
        r"NoSuchBucket|could not list bucket|(read|write) \"?\.pulumi/|unable to open bucket|problem logging in"
        r"|failed to (load|read|save) checkpoint|could not (get|read|load) (stack|meta)|error listing stacks"
        r"|writing the new snapshot file|StateBucketFails",
        "The state backend does not answer: check that the bucket of spec.state.backendUrl exists and is writable.",
    ),
    sign(
        "Backend",
        r"unknown stack \"",
        "The state of a layer that this one reads is not in the backend: it was destroyed, moved or never built.",
    ),
    sign(
        "Credentials",
        r"AccessDenied|UnauthorizedOperation|not authorized to perform",
        "The deploy role lacks this right: the script of `tradai bootstrap account --print` gives it all it needs.",
    ),
    sign(
        "Quota",
        r"LimitExceeded|QuotaExceeded|ServiceQuota|MaximumNumber|AddressLimit|VpcLimit|TooManyBuckets",
        "A quota of the account is used up: ask AWS for more, or free some.",
    ),
    sign(
        "Conflict",
        r"Already ?Exist|AlreadyOwnedByYou",
        "Something of this name is in AWS already, and this stack did not make it. Adopt it as docs/ADOPTION.md says, "
        "or delete it in AWS where nobody needs it; then `tradai retry`.",
    ),
    sign(
        "Conflict",
        r"BucketNotEmpty|RepositoryNotEmpty",
        "It is not empty, and nothing is emptied without being asked for: see docs/TEARDOWN.md.",
    ),
    sign(
        "Conflict",
        r"ResourceInUse|DependencyViolation|DeleteConflict|Deletion ?Protection",
        "Something that this stack did not make is in the way, or AWS protects it: look at the named resource in AWS, "
        "take away what holds it, then `tradai retry`.",
    ),
    sign(
        "Conflict",
        r"OperationAborted|ConcurrentModification|ConflictException|OperationInProgress|ResourceConflict",
        "AWS is still busy with another change of the same resource; it is tried again automatically.",
    ),
    sign("Network", r"timed out|context deadline exceeded|(read|connect) timeout on endpoint", _UNREACHED),
    sign(
        "Provider",
        r"api error|an error occurred \(\w+\) when calling the",
        "AWS refused this; the log has the whole answer.",
    ),
    sign(
        "Program",
        r"Traceback|unhandled exception|Required output|does not exist on stack",
        "The stack program itself failed; the log has the traceback.",
    ),
)
#: What tells least: whatever packages bring is asked before it, and after all else.
_GENERAL: Final[frozenset[FailureClass]] = frozenset({"Provider", "Program"})
#: The kinds that no text tells, and who says them.
TOLD: Final[Mapping[FailureClass, str]] = {
    "Config": "the runner, of a request or configuration that does not fit its models",
    "Cancelled": "the runner, of a run that was asked to stop",
    "Immutable": "the guard, of a program that changes what never changes",
    "Unfinished": "the repair, of what AWS is still making",
    "Unseen": "the repair, of what AWS may not show yet",
    "Unresolved": "the repair, of what it cannot tell whose it is",
    "Unconfirmed": "the teardown, of data that may not go without a word",
    "Owner": "the upkeep, of a stack that is another resource's",
    "NotStarted": "whoever starts runs, of one that did not begin",
    "StateGone": "the reading of a state, of one that is not there although the stack stood",
    "Unknown": "nobody: what no row knows; counted as class Unknown of tradai_run_failures",
}
_UNKNOWN: Final = Sign(
    "Unknown",
    re.compile(""),
    "This kind of failure is not known: the log has everything that the engine said. It is tried again a few "
    "times; if it keeps failing, tell the people who maintain the operator.",
)


@cache
def signs() -> tuple[Sign, ...]:
    """All rows in the order in which they are asked, those of packages (`tradai.failure_signs`) among them."""
    telling = (row for row in SIGNS if row.kind not in _GENERAL)
    general = (row for row in SIGNS if row.kind in _GENERAL)
    return tuple(chain(telling, rows(FAILURE_SIGNS, Sign), general))


def classify(text: str, urn: str = "") -> Failure:
    """The failure that `text` tells of, with AWS's error and request id where it names them."""
    sign = next((row for row in signs() if row.pattern.search(text)), _UNKNOWN)
    request = _REQUEST_ID.search(text)
    return Failure(
        kind=sign.kind,
        error=sign.says or _headline(text),
        urn=urn,
        request_id=request.group(1) if request else "",
        hint=sign.hint,
    )


def _headline(text: str) -> str:
    """AWS's own words where there are any, else the first line that tells of an error and what follows it."""
    if api := _API_ERROR.search(text):
        return f"{api['code']}: {api['text'].strip()}"[:_MAX_ERROR]
    lines = [_STREAM.sub("", line.strip()) for line in text.splitlines() if line.strip()]
    first = next((place for place, line in enumerate(lines) if "error" in line.lower()), 0)
    return " ".join(lines[first : first + 3])[:_MAX_ERROR]


class Diagnosis:
    """Collects what the engine complains about in one run and names the first failure that matters."""

    def __init__(self) -> None:
        self._errors: list[tuple[str, str]] = []

    def add(self, urn: str, text: str) -> None:
        """One complaint, about a resource where `urn` is not empty."""
        if text.strip():
            self._errors.append((urn, text.strip()))

    def taken(self) -> tuple[str, ...]:
        """The URNs of resources of which AWS says that something of that name is there already."""
        return tuple(dict.fromkeys(urn for urn, text in self._errors if urn and _TAKEN.search(text)))

    def failure(self, fallback: str) -> Failure:
        """The complaint about a resource that came first, else any, else what the engine's exit said."""
        ranked = sorted(self._errors, key=lambda error: (not error[0], "update failed" in error[1].lower()))
        for urn, text in ranked:
            if "pulumi:pulumi:Stack" not in urn or len(ranked) == 1:
                return classify(text, urn)
        return classify(ranked[0][1], "") if ranked else classify(fallback)
