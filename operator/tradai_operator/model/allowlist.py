"""What environments of a namespace may point the operator at: endpoints, roles, state backends, who is notified.

The operator acts with rights that the author of a resource may not have, so that whoever runs the operator bounds what
they may aim them at (DESIGN §4). Pure. Must never open more than it says: what cannot be read permits nothing.
"""

from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from typing import Annotated, Final, Literal, Self
from urllib.parse import SplitResult, urlsplit

import yaml
from pydantic import Field, ValidationError

from tradai_iac.base import Manifest
from tradai_operator.model.hosts import is_inside

Kind = Literal["endpoint", "role", "backend", "topic", "webhook"]

#: The ConfigMap in the operator's namespace that holds the rules, and its key.
NAME: Final = "tradai-allowlist"
KEY: Final = "allowlist.yaml"
_PORTS: Final = {"http": 80, "https": 443}
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost"})

Pattern = Annotated[str, Field(min_length=1, max_length=2048)]
Patterns = tuple[Pattern, ...]


class Rule(Manifest):
    """What the namespaces whose name matches one of `namespaces` may use; `*` stands for any characters of a part.

    `ownIdentity` permits to go without a role, with the operator's own credentials.
    """

    namespaces: Annotated[Patterns, Field(min_length=1)]
    endpoints: Patterns = ()
    roles: Patterns = ()
    own_identity: bool = False
    backends: Patterns = ()
    topics: Patterns = ()
    webhooks: Patterns = ()


class Allowlist(Manifest):
    """All rules; the first whose `namespaces` match decides. `broken` says why they cannot be read."""

    rules: tuple[Rule, ...] | None = None
    broken: str = ""

    @classmethod
    def parse(cls, data: Mapping[str, str] | None) -> Self:
        """The rules in a ConfigMap's `data`; without any ConfigMap (None), those that need no trust hold."""
        if data is None:
            return cls()
        try:
            return cls.model_validate({"rules": (yaml.safe_load(data[KEY]) or {})["rules"]})
        except (KeyError, TypeError, yaml.YAMLError):
            return cls(broken=f"its key {KEY} is not YAML with `rules`")
        except ValidationError as error:
            first = error.errors()[0]
            return cls(broken=f"{'.'.join(map(str, first['loc']))}: {first['msg']}")

    def rule(self, namespace: str) -> Rule | None:
        """The rule of one namespace; None where nothing is permitted."""
        return next((r for r in self.rules or () if any(fnmatchcase(namespace, n) for n in r.namespaces)), None)

    def permits(self, namespace: str, kind: Kind, value: str, *, account: str, own: str | None) -> bool:
        """Whether environments of that namespace may use `value`.

        `account` is the environment's AWS account. `own` is the endpoint that the operator was started with: it is
        always permitted, and no webhook ever is there; where it is a loopback address, webhooks on others are.
        """
        if self.broken or (kind == "webhook" and _is_there(value, own)):
            return False
        if kind == "endpoint" and own is not None and _parts(value) == _parts(own):
            return True
        if self.rules is None:
            return _UNCONFIGURED[kind](value, account, own)
        rule = self.rule(namespace)
        return rule is not None and any(_MATCHES[kind](value, pattern) for pattern in _patterns(rule, kind))

    def names(self, namespace: str, webhook: str, own: str | None) -> bool:
        """Whether a webhook may be inside the operator's network: where its host is named in full, or at home."""
        if self.rules is None:
            return not self.broken and _at_home(webhook, own)
        rule = self.rule(namespace)
        full = [pattern for pattern in rule.webhooks if "*" not in _host(pattern)] if rule else []
        return any(_url_matches(webhook, pattern) for pattern in full)

    def permits_own_identity(self, namespace: str) -> bool:
        """Whether environments of that namespace may go without a role."""
        if self.rules is None:
            return not self.broken
        rule = self.rule(namespace)
        return rule is not None and rule.own_identity


def _patterns(rule: Rule, kind: Kind) -> Patterns:
    found: Patterns = getattr(rule, f"{kind}s")
    return found


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    plain = not (parts.query or parts.fragment or "@" in parts.netloc or "\\" in url)
    return parts if plain and url.isprintable() and " " not in url else None


def _parts(url: str) -> tuple[str, str, int | str, str] | None:
    """Scheme, host, port, path: compared one by one, so that no `*` reaches over the end of a host."""
    found = _split(url)
    if found is None or not found.hostname:
        return None
    port = found.port or _PORTS.get(found.scheme, 0)
    return found.scheme, found.hostname, port, found.path.rstrip("/")


def _url_matches(value: str, pattern: str) -> bool:
    """An address; `:*` in a pattern means any port, a path in it the beginning of the path."""
    any_port = pattern.partition("://")[2].partition("/")[0].endswith(":*")
    has, wants = _parts(value), _parts(pattern.replace(":*", "", 1) if any_port else pattern)
    if has is None or wants is None or has[0] != wants[0] or not fnmatchcase(has[1], wants[1]):
        return False
    return (any_port or has[2] == wants[2]) and _below(has[3], wants[3])


def _below(path: str, start: str) -> bool:
    """Whether a path is `start` or something below it; one that climbs is nowhere."""
    if any(step in {".", ".."} for step in path.split("/")) or "%" in path:
        return False
    return start == "" or path == start or path.startswith(f"{start}/")


def _backend_matches(value: str, pattern: str) -> bool:
    """A bucket with any folder, or one folder of it and what is below."""
    has, wants = _split(value), _split(pattern)
    if has is None or wants is None or has.scheme != wants.scheme or not has.netloc:
        return False
    return fnmatchcase(has.netloc, wants.netloc) and _below(has.path.rstrip("/"), wants.path.rstrip("/"))


def _arn_matches(value: str, pattern: str) -> bool:
    """An ARN, part by part: a `*` in one does not reach over its end."""
    has, wants = value.split(":", 5), pattern.split(":", 5)
    return len(has) == len(wants) == 6 and all(map(fnmatchcase, has, wants))


_MATCHES: Final[Mapping[Kind, Callable[[str, str], bool]]] = {
    "endpoint": _url_matches,
    "role": _arn_matches,
    "backend": _backend_matches,
    "topic": _arn_matches,
    "webhook": _url_matches,
}


def _of_account(value: str, account: str, own: str | None) -> bool:
    del own
    parts = value.split(":", 5)
    return len(parts) == 6 and parts[0] == "arn" and parts[4] == account


def _host(url: str) -> str:
    """The host as it is written, also in a pattern."""
    return url.partition("://")[2].partition("/")[0].partition(":")[0]


def _is_loopback(url: str | None) -> bool:
    return url is not None and (parts := _parts(url)) is not None and parts[1] in _LOOPBACK


def _at_home(url: str, own: str | None) -> bool:
    """Whether operator and address are on one machine: a sandbox."""
    return _is_loopback(own) and _is_loopback(url)


def _is_there(url: str, own: str | None) -> bool:
    """Whether an address is of the operator's own endpoint: what is sent there is taken for a call of AWS."""
    one, other = _parts(url), _parts(own) if own else None
    if one is None or other is None or one[2] != other[2]:
        return False
    return one[1] == other[1] or {one[1], other[1]} <= _LOOPBACK


def _public_or_local(value: str, account: str, own: str | None) -> bool:
    """HTTPS to a name that may be of the internet; at home, what is on loopback."""
    del account
    parts = _parts(value)
    if parts is None:
        return False
    return _at_home(value, own) or (parts[0] == "https" and not is_inside(parts[1]))


def _sandboxed(value: str, account: str, own: str | None) -> bool:
    """Any bucket of a sandbox; elsewhere the operator's own identity reads and writes it, and that takes a rule."""
    del account
    return _is_loopback(own) and _backend_matches(value, "s3://*")


#: What holds while nobody has written rules: nothing that another's identity or network could be reached by.
_UNCONFIGURED: Final[Mapping[Kind, Callable[[str, str, str | None], bool]]] = {
    "endpoint": lambda _value, _account, _own: False,
    "role": _of_account,
    "backend": _sandboxed,
    "topic": _of_account,
    "webhook": _public_or_local,
}


def refusals(
    allowlist: Allowlist, namespace: str, aims: Mapping[Kind, str | None], *, account: str, own: str | None
) -> tuple[str, ...]:
    """A sentence for each aim that the allowlist does not permit; None stands for what is not set.

    An aim `role` of None goes with the operator's own identity.
    """
    if allowlist.broken:
        return (f"the operator's allowlist cannot be read ({allowlist.broken})",)
    found = [
        f"{_FIELDS[kind]} {value} is not permitted for namespace {namespace}"
        for kind, value in aims.items()
        if value is not None and not allowlist.permits(namespace, kind, value, account=account, own=own)
    ]
    if "role" in aims and aims["role"] is None and not allowlist.permits_own_identity(namespace):
        found.append(f"namespace {namespace} may not use the operator's own identity: set aws.assumeRoleArn")
    return tuple(found)


_FIELDS: Final[Mapping[Kind, str]] = {
    "endpoint": "aws.endpointUrl",
    "role": "aws.assumeRoleArn",
    "backend": "state.backendUrl",
    "topic": "notify.topicArn",
    "webhook": "notify.webhookUrl",
}


def explained(problems: tuple[str, ...], home: str) -> str:
    """The problems in a sentence that says whom to ask; `home` is the operator's namespace."""
    return (
        f"{'; '.join(problems)}. Nothing runs until the spec is corrected, or the people who run the operator "
        f"permit it in the ConfigMap {home}/{NAME}"
    )
