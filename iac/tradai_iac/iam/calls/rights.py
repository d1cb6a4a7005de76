"""The rights that a call asks for, all of which its caller must have.

Must never leave out a right because nobody grants it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from tradai_iac.iam import reference
from tradai_iac.iam.calls.arns import arns
from tradai_iac.iam.calls.operations import ACTIONS, MAKING, PASSED, TAGGING, TAGGING_OF, UNNAMED, VERSIONED
from tradai_iac.iam.calls.request import Request
from tradai_iac.iam.evaluate import Call
from tradai_iac.iam.patterns import ANYTHING

#: Operations that nobody needs a right for.
FREE: Final = frozenset({"sts:GetCallerIdentity"})
#: How parameters with tags are called, in lower case, and how the key and the value of a tag are.
_TAGS: Final = frozenset({"tags", "tag", "taglist", "tagset", "tagslist", "userpooltags"})
_KEYS: Final = ("Key", "key", "TagKey")
_VALUES: Final = ("Value", "value", "TagValue")
#: Key of the context → the prefix whose calls say it, and the parameter.
_SAID: Final = {
    "cloudwatch:namespace": ("cloudwatch", "Namespace"),
    "ecs:cluster": ("ecs", "cluster"),
    "servicediscovery:ServiceId": ("servicediscovery", "ServiceId"),
    "sts:ExternalId": ("sts", "ExternalId"),
}


def rights_of(request: Request) -> list[Call]:
    """None for a call that is free; raises LookupError for an operation whose right is not known."""
    name = f"{request.prefix}:{request.operation}"
    if name in FREE:
        return []
    found = [call for action in _actions(request, name) for call in _on_each(request, action, _context(request))]
    return [*found, *_tagging(request, name, found), *_passing(request, name)]


def _actions(request: Request, name: str) -> Iterator[str]:
    if request.prefix == "apigateway":
        yield f"apigateway:{request.method}"
        return
    yield from ACTIONS.get(name, name).split()
    if name in VERSIONED and any(request.named("VersionId")):
        yield VERSIONED[name]


def _on_each(request: Request, action: str, context: Mapping[str, Sequence[str]]) -> Iterator[Call]:
    known = reference.action(action)
    return (Call(str(known), arn, context) for arn in arns(request, known))


def _context(request: Request) -> dict[str, Sequence[str]]:
    tags = dict(_tags(request.params))
    found: dict[str, Sequence[str]] = {f"aws:RequestTag/{key}": [value] for key, value in tags.items()}
    if tags:
        found["aws:TagKeys"] = list(tags)
    for key, (prefix, parameter) in _SAID.items():
        if prefix == request.prefix and (said := next(request.named(parameter), None)):
            found[key] = [_cluster(request, said) if key == "ecs:cluster" else said]
    return found


def _cluster(request: Request, said: str) -> str:
    return said if said.startswith("arn:") else f"arn:aws:ecs:{request.region}:{request.account}:cluster/{said}"


def _tags(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """The tags that a call sends, wherever it has them."""
    if isinstance(value, Mapping):
        if name.lower() in _TAGS and (pair := _pair(value)):
            yield pair
        elif name.lower() in _TAGS and all(isinstance(entry, str) for entry in value.values()):
            yield from value.items()
        else:
            for key, entry in value.items():
                yield from _tags(entry, str(key))
    elif isinstance(value, list | tuple):
        for entry in value:
            yield from _tags(entry, name)


def _pair(tag: Mapping[str, Any]) -> tuple[str, str] | None:
    key = next((tag[name] for name in _KEYS if name in tag), None)
    return None if key is None else (str(key), str(next((tag[name] for name in _VALUES if name in tag), "")))


def _tagging(request: Request, name: str, made: Sequence[Call]) -> Iterator[Call]:
    """What is made with tags is tagged as well, which is a right of its own."""
    said = _context(request).items()
    tags = {key: values for key, values in said if key.startswith(("aws:RequestTag/", "aws:TagKeys"))}
    if not tags or not request.operation.startswith(MAKING) or request.prefix in {"apigateway", "s3"}:
        return
    right = TAGGING_OF.get(name) or TAGGING.get(request.prefix, "TagResource")
    if right.lower() not in reference.service(request.prefix).actions:
        return
    context = {**tags, f"{request.prefix}:CreateAction": [request.operation]}
    resources = [call.resource for call in made if call.resource != ANYTHING]
    if request.prefix == "ec2":  # beside what is made, its calls name what it is made in
        resources = [resource for resource in resources if resource.endswith(ANYTHING)] or resources
    if unnamed := UNNAMED.get(name):
        resources = [unnamed.format(region=request.region, account=request.account)]
    # what is made on `*` is tagged by its name all the same
    for resource in dict.fromkeys(resources or arns(request, reference.action(f"{request.prefix}:{right}"))):
        yield Call(f"{request.prefix}:{right}", resource, context)


def _passing(request: Request, name: str) -> Iterator[Call]:
    """A role that is handed to a service, whoever it is that the service then acts as."""
    parameters, service = PASSED.get(name, ((), ""))
    for value in dict.fromkeys(request.named(*parameters)):
        role = value if value.startswith("arn:") else f"arn:aws:iam::{request.account}:role/{value}"
        yield Call("iam:PassRole", role, {"iam:PassedToService": [f"{service}.amazonaws.com"]})
