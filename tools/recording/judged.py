"""A recording held against a role's policies, and against what AWS's own schemas say that its types need.

By actions alone: on which resources, the sandbox under enforced rights shows. Must never pass over a call whose right
is not known.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from tools.recording.recording import Recording
from tradai_iac.iam.patterns import fits
from tradai_iac.iam.policies import Statement


def unknown(recording: Recording) -> list[str]:
    """Calls that have no right in our tables (`tradai_iac/iam/calls/operations.py`, `tools/facts/reference.py`)."""
    return sorted({f"{call} of {type_}" for type_, _, call, needed in recording.rows if needed is None})


def lacking(recording: Recording, policy: Sequence[Statement], without: Collection[str] = ()) -> list[str]:
    """What the plug-in does and the role may not: `sqs:TagQueue to create aws:sqs/queue:Queue (sqs:CreateQueue)`.

    Rights that it goes `without` for a reason are passed over.
    """
    granted = [action for statement in policy if statement.allows for action in statement.actions]
    return sorted(
        f"{right} to {operation} {type_} ({call})"
        for type_, operation, call, right in _rights(recording)
        if right not in without and not _is_among(right, granted)
    )


def beyond(recording: Recording, handlers: Mapping[str, Iterable[str]]) -> list[str]:
    """Rights that a type needs and that no handler of AWS's schema of it asks for; `handlers` are all of a type's."""
    return sorted(
        {
            f"{right} of {type_}"
            for type_, _, _, right in _rights(recording)
            if type_ in handlers and not _is_among(right, handlers[type_])
        }
    )


def rights(recording: Recording) -> frozenset[str]:
    """All that is needed."""
    return frozenset(right for *_, right in _rights(recording))


def _rights(recording: Recording) -> Iterator[tuple[str, str, str, str]]:
    for type_, operation, call, needed in recording.rows:
        for right in needed or ():
            yield type_, operation, call, right


def _is_among(right: str, patterns: Iterable[str]) -> bool:
    return any(fits(pattern.lower(), right.lower()) for pattern in patterns)
