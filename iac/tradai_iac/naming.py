"""The one module that spells resource names (002 §9.1): `{project}-{component}-{environment}[-{suffix}]`.

Must never be bypassed: no module formats a name of its own, so that limits and shortening hold everywhere.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

#: Longest name AWS takes, by the resource that carries it. Unlisted kinds take DEFAULT_LIMIT.
LIMITS: Final = {
    "target-group": 32,
    "load-balancer": 32,
    "s3-bucket": 63,
    "iam-role": 64,
    "instance-profile": 128,
    "lambda": 64,
    "sqs-queue": 80,
    "dynamodb-table": 255,
    "rds-instance": 63,
    "event-rule": 64,
    "cognito-domain": 63,
    "codeartifact-domain": 50,
    "user-pool": 128,
    "log-group": 512,
}
DEFAULT_LIMIT: Final = 63
#: Kinds whose names exist once in the world, and so take the environment's own suffix where it has one.
GLOBAL: Final = frozenset({"s3-bucket"})
#: What such a suffix may be: with the longest environment and component a bucket's name stays within its 63 characters.
SUFFIX_PATTERN: Final = "[a-z0-9]{3,16}"
#: S3 keeps names that end so for itself (`-s3alias`); others that it keeps have signs that no suffix has.
RESERVED_SUFFIX: Final = "s3alias"
_HASH_CHARS: Final = 6


@dataclass(frozen=True)
class Naming:
    """Spells the names of one environment of one project.

    `global_suffix` ends the names that exist once in the world; without one they are as the documents spell them.
    """

    project: str
    environment: str
    global_suffix: str = ""

    def name(self, component: str, suffix: str | None = None, *, kind: str = "") -> str:
        """`tradai-{component}-{env}[-{suffix}]`, shortened deterministically to what `kind` may carry."""
        ours = self.global_suffix if kind in GLOBAL else ""
        parts = [self.project, component, self.environment, *filter(None, (suffix, ours))]
        return shorten("-".join(parts), LIMITS.get(kind, DEFAULT_LIMIT))

    def ending(self, kind: str) -> str:
        """What every name of that kind ends with, unless it had to be shortened: `-{env}[-{suffix}]`."""
        return self.name("", kind=kind).removeprefix(f"{self.project}-")

    def fifo(self, component: str) -> str:
        """A FIFO queue's name, which must end in `.fifo` (002 §9.1, third example)."""
        return shorten(f"{self.project}-{component}-{self.environment}", LIMITS["sqs-queue"] - 5) + ".fifo"

    def path(self, component: str) -> str:
        """A name with a slash, for ECR repositories and secrets: `tradai/{component}-{env}` (001 §3, 002 §9.1)."""
        return f"{self.project}/{component}-{self.environment}"

    @property
    def waf_log_group(self) -> str:
        """The web ACL's log group, whose name AWS wants to begin with `aws-waf-logs-`."""
        return f"aws-waf-logs-{self.name('waf')}"

    def vended_log_group(self, service: str, component: str) -> str:
        """A log group that AWS delivers to by itself: `/aws/vendedlogs/{service}/tradai-{component}-{env}`.

        Under this prefix every log group is covered by one policy of the account, whose length AWS limits.
        """
        return f"/aws/vendedlogs/{service}/{self.name(component, kind='log-group')}"

    @property
    def dns_namespace(self) -> str:
        """The Service Discovery namespace (002 §2.3)."""
        return f"{self.project}-{self.environment}.local"

    @property
    def short(self) -> str:
        """The environment in short (001 §3): `d`, `s`, `p`; an ephemeral one, of which there are many, is whole."""
        return self.environment if "-" in self.environment else self.environment[0]


def shorten(name: str, limit: int) -> str:
    """`name` itself where it fits, else its head and a hash of the whole: same name, same result.

    Raises ValueError where the limit leaves no room for a readable head.
    """
    if len(name) <= limit:
        return name
    if limit < _HASH_CHARS + 4:
        raise ValueError(f"a limit of {limit} characters leaves no room for a name")
    digest = hashlib.sha256(name.encode()).hexdigest()[:_HASH_CHARS]
    return f"{name[: limit - _HASH_CHARS - 1].rstrip('-')}-{digest}"
