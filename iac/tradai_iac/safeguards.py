"""What keeps data, or lets it be recovered: a change that lowers it is as good as a deletion, only later.

A line a property: (type, property in the state's spelling, how it is lowered). Must never judge a change by itself:
`runner.lowering` holds two sets of inputs against a line.
"""

from dataclasses import dataclass
from math import inf
from typing import Any, Final, Literal

#: `sooner`: a number after which AWS deletes, where nothing and 0 stand for never. `shorter`: for how long something is
#: kept, where 0 is not at all. `off` and `on`: a switch.
Direction = Literal["sooner", "shorter", "off", "on"]


@dataclass(frozen=True)
class Safeguard:
    """One property of one type; in its path `*` stands for every item of a list, and texts that are documents count.

    `unset` is what holds where it is not set (a rule that is not there yet switches nothing on). `rules` has the
    input that names what such a resource rules over, and the type of that: making one for something that stands is a
    lowering too.
    """

    type: str
    property: str
    lowered: Direction
    unset: Any = None
    rules: tuple[str, str] | None = None


_BUCKET: Final = "aws:s3/bucket:Bucket"
_LIFECYCLE: Final = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
_REPOSITORY: Final = "aws:ecr/repository:Repository"
_TABLE: Final = "aws:dynamodb/table:Table"
_DATABASE: Final = "aws:rds/instance:Instance"
_OBJECTS: Final = ("bucket", _BUCKET)
_IMAGES: Final = ("repository", _REPOSITORY)

#: Of AWS, for every blueprint.
SAFEGUARDS: Final = (
    Safeguard("aws:cloudwatch/logGroup:LogGroup", "retentionInDays", "sooner", inf),
    Safeguard("aws:cloudwatch/logGroup:LogGroup", "skipDestroy", "off"),
    Safeguard(_DATABASE, "backupRetentionPeriod", "shorter", 1),
    Safeguard(_DATABASE, "deletionProtection", "off"),
    Safeguard(_DATABASE, "skipFinalSnapshot", "on"),
    Safeguard(_DATABASE, "deleteAutomatedBackups", "on", unset=True),
    Safeguard("aws:sqs/queue:Queue", "messageRetentionSeconds", "shorter", 345600),
    Safeguard("aws:secretsmanager/secret:Secret", "recoveryWindowInDays", "shorter", 30),
    Safeguard(_LIFECYCLE, "rules[*].expiration.days", "sooner", inf, rules=_OBJECTS),
    Safeguard(_LIFECYCLE, "rules[*].noncurrentVersionExpiration.noncurrentDays", "sooner", inf, rules=_OBJECTS),
    Safeguard(_LIFECYCLE, "rules[*].noncurrentVersionExpiration.newerNoncurrentVersions", "shorter", 0, rules=_OBJECTS),
    Safeguard(_LIFECYCLE, "rules[*].status", "on", unset=True, rules=_OBJECTS),
    Safeguard("aws:s3/bucketVersioning:BucketVersioning", "versioningConfiguration.status", "off"),
    Safeguard(_BUCKET, "forceDestroy", "on"),
    Safeguard(_TABLE, "ttl.enabled", "on"),
    Safeguard(_TABLE, "pointInTimeRecovery.enabled", "off"),
    Safeguard(_TABLE, "pointInTimeRecovery.recoveryPeriodInDays", "shorter", 35),
    Safeguard(_TABLE, "deletionProtectionEnabled", "off"),
    Safeguard("aws:cognito/userPool:UserPool", "deletionProtection", "off"),
    Safeguard(
        "aws:ecr/lifecyclePolicy:LifecyclePolicy",
        "policy.rules[*].selection.countNumber",
        "sooner",
        inf,
        rules=_IMAGES,
    ),
    Safeguard(_REPOSITORY, "forceDelete", "on"),
    Safeguard("aws:lb/loadBalancer:LoadBalancer", "enableDeletionProtection", "off"),
)
