"""What people may set per layer in `spec.layers.<layer>.config`; each field is enforced by a stack program.

These models become part of the CRD: each field has a description, and each string, list and map a bound. Must
never accept a value that 002 calls immutable (CIDRs, keys, bucket names, the user pool).
"""

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, field_validator, model_validator

from tradai_blueprints.tradai.config.images import IMAGES
from tradai_iac.base import TOGETHER, Manifest, worded
from tradai_iac.secret_refs import SecretSource

Email = Annotated[str, worded(r"^[^@ ]+@[^@ ]+[.][^@ ]+$", "write a whole e-mail address, like ops@example.com", 254)]
HttpsUrl = Annotated[
    str,
    worded(
        r"^https://.+$|^http://localhost(:[0-9]+)?(/.*)?$",
        "write an address that starts with https:// (http:// is for localhost only)",
        512,
    ),
]
RepositoryName = Annotated[
    str,
    worded(
        r"^[a-z0-9]+(-[a-z0-9]+)*$",
        "write a repository name of lower-case letters, digits and single hyphens, like momentum-v2",
        64,
    ),
]
HostName = Annotated[
    str,
    worded(
        r"^[a-z0-9-]+([.][a-z0-9-]+)+$",
        "write a host name in lower-case letters, like api.example.com",
        253,
    ),
]
CertificateArn = Annotated[
    str,
    worded(
        r"^arn:aws:acm:[a-z0-9-]+:[0-9]{12}:certificate/[A-Za-z0-9-]+$",
        "write the ARN of a certificate in ACM, like arn:aws:acm:eu-central-1:123456789012:certificate/1a2b",
        2048,
    ),
]


class Secrets(Manifest):
    """The four secrets of 002 §8; one that is left out is created without a value."""

    database_url: SecretSource | None = Field(
        default=None, alias="database-url", description="Connection string of PostgreSQL."
    )
    mlflow_credentials: SecretSource | None = Field(
        default=None, alias="mlflow-credentials", description="Credentials of the MLflow tracking server."
    )
    binance_api: SecretSource | None = Field(
        default=None, alias="binance-api", description="API key and secret of Binance."
    )
    jwt_secret: SecretSource | None = Field(
        default=None, alias="jwt-secret", description="Key that signs JSON Web Tokens."
    )


class PersistentConfig(Manifest):
    """Settings of the persistent layer."""

    strategy_repositories: list[RepositoryName] = Field(
        default=[],
        max_length=64,
        description="ECR repositories of strategies, beside the 24 fixed ones.",
    )
    cloud_trail: bool | None = Field(
        default=None, description="Whether CloudTrail is on; optional in dev, always on elsewhere."
    )
    callback_urls: list[HttpsUrl] = Field(
        default=[], max_length=16, description="Where Cognito's web client may send people back to."
    )

    @field_validator("strategy_repositories")
    @classmethod
    def _takes_no_name_twice(cls, names: list[str]) -> list[str]:
        IMAGES.repositories(names)
        return names


DatabaseVersion = Annotated[str, worded(r"^15[.][1-9][0-9]?$", "write a minor version of PostgreSQL 15, like 15.14", 5)]


class FoundationConfig(Manifest):
    """Settings of the foundation layer."""

    secrets: Secrets = Field(default=Secrets(), description="Values of the platform's four secrets, by reference.")
    alert_emails: list[Email] = Field(
        default=[], max_length=16, description="Addresses that are subscribed to the topic of alerts."
    )
    database_version: DatabaseVersion | None = Field(
        default=None,
        description="PostgreSQL's minor version, like 15.14; by default 15.13 when the database is made, afterwards "
        "whatever it has: AWS moves a database off a version that it withdraws.",
    )
    consolidated_security_group: bool | None = Field(
        default=None,
        description="Whether the consolidated instance's security group exists; by default as compute has it.",
    )


ImageTag = Annotated[
    str,
    worded(
        r"^[A-Za-z0-9_][A-Za-z0-9_.-]*$",
        "write an image tag of letters, digits, dots, hyphens and underscores, like 2026.11.1",
        128,
    ),
]
Schedule = Annotated[
    str,
    worded(
        r"^(rate[(](1 (minute|hour|day)|([2-9]|[1-9][0-9]+) (minutes|hours|days))[)]|cron[(][^()]+[)])$",
        "write an EventBridge schedule, like rate(5 minutes) or cron(0 6 * * ? *)",
        256,
    ),
]
ImageParameter = Annotated[
    str,
    worded(
        r"^/tradai(/[A-Za-z0-9_.-]+)+$",
        "write the whole name of an SSM parameter below /tradai, like /tradai/ami/consolidated",
        1011,
    ),
]
PrincipalArn = Annotated[
    str,
    worded(
        r"^arn:aws:iam::[0-9]{12}:(role|user)/[A-Za-z0-9+=,.@_/-]+$",
        "write the ARN of a role or user, like arn:aws:iam::123456789012:role/github-actions",
        2048,
    ),
]
Country = Annotated[str, worded(r"^[A-Z]{2}$", "write a country as two capital letters, like DE", 2)]


class ServiceOverride(Manifest):
    """What may differ for one service; what is left out stays as in 002 §2.2 and §10."""

    desired_count: int | None = Field(
        default=None, ge=0, le=50, description="How many tasks stand; not for services on the consolidated instance."
    )
    image_tag: ImageTag | None = Field(default=None, description="Tag of this service's image.")


class ServiceOverrides(Manifest):
    """The seven services of 002 §2.2."""

    backend_api: ServiceOverride = Field(default=ServiceOverride(), alias="backend-api", description="Backend API.")
    data_collection: ServiceOverride = Field(
        default=ServiceOverride(), alias="data-collection", description="Data collection."
    )
    mlflow: ServiceOverride = Field(default=ServiceOverride(), alias="mlflow", description="MLflow tracking server.")
    strategy_service: ServiceOverride = Field(
        default=ServiceOverride(), alias="strategy-service", description="Strategy service."
    )
    strategy_container: ServiceOverride = Field(
        default=ServiceOverride(), alias="strategy-container", description="Strategy container, started on demand."
    )
    live_trading: ServiceOverride = Field(
        default=ServiceOverride(), alias="live-trading", description="Live trading, never on Spot."
    )
    dry_run_trading: ServiceOverride = Field(
        default=ServiceOverride(), alias="dry-run-trading", description="Dry-run trading."
    )

    def of(self, service: str) -> ServiceOverride:
        """The override of a service by its name in 002 §2.2; raises AttributeError for one that is none."""
        found: ServiceOverride = getattr(self, service.replace("-", "_"))
        return found


class Schedules(Manifest):
    """The six schedules of 002 §7 (001 §3 LAMBDA_SCHEDULES); one that is left out stays as it is there."""

    orphan_scanner: Schedule | None = Field(default=None, alias="orphan-scanner", description="Of orphan-scanner.")
    health_check: Schedule | None = Field(default=None, alias="health-check", description="Of health-check.")
    trading_heartbeat_check: Schedule | None = Field(
        default=None, alias="trading-heartbeat-check", description="Of trading-heartbeat-check."
    )
    drift_monitor: Schedule | None = Field(default=None, alias="drift-monitor", description="Of drift-monitor.")
    retraining_scheduler: Schedule | None = Field(
        default=None, alias="retraining-scheduler", description="Of retraining-scheduler."
    )
    pulumi_drift_detector: Schedule | None = Field(
        default=None, alias="pulumi-drift-detector", description="Of pulumi-drift-detector."
    )

    def of(self, function: str) -> str | None:
        """The schedule set for a function, None where it keeps its own."""
        found: str | None = getattr(self, function.replace("-", "_"), None)
        return found


TaskDefinitionArn = Annotated[
    str,
    worded(
        r"^arn:aws:ecs:[a-z0-9-]+:[0-9]{12}:task-definition/[A-Za-z0-9_-]+:[0-9]+$",
        "write the ARN of a task definition with its revision, like "
        "arn:aws:ecs:eu-central-1:123456789012:task-definition/tradai-look:1",
        2048,
    ),
]
RoleArn = Annotated[
    str,
    worded(
        r"^arn:aws:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]+$",
        "write the ARN of a role, like arn:aws:iam::123456789012:role/tradai-look",
        2048,
    ),
]


class DriftRunner(Manifest):
    """The task in which pulumi-drift-detector has the runner look; docs/DECISIONS.md says what its role may do."""

    task_definition: TaskDefinitionArn = Field(description="Its definition, whose container is called runner.")
    roles: list[RoleArn] = Field(min_length=1, max_length=2, description="The roles that the definition names.")


class ComputeConfig(Manifest):
    """Settings of the compute layer."""

    model_config = ConfigDict(json_schema_extra={TOGETHER: ["certificateArn", "certificateHost"]})

    certificate_arn: CertificateArn | None = Field(
        default=None,
        description="Certificate of the HTTPS listener; without one the load balancer listens on HTTP alone.",
    )
    certificate_host: HostName | None = Field(
        default=None,
        description="Host name on that certificate, which the API verifies; goes with certificateArn.",
    )
    skip_alb: bool = Field(
        default=False,
        description="Leave the load balancer out; edge then takes skipAlb as well.",
    )
    image_tag: ImageTag = Field(default="latest", description="Tag of every image that has none of its own.")
    services: ServiceOverrides = Field(default=ServiceOverrides(), description="What differs, service by service.")
    schedules: Schedules = Field(
        default=Schedules(), description="When scheduled functions run, where that is not as by default."
    )
    launch_mode: Literal["ecs", "stepfunctions"] = Field(
        default="ecs", description="How the consumer functions start backtests and retraining (their LAUNCH_MODE)."
    )
    consolidated_image_parameter: ImageParameter | None = Field(
        default=None,
        description="SSM parameter that names the consolidated instance's image, such as one that iac/ami made; by "
        "default AWS's, of the latest Amazon Linux 2023.",
    )
    drift_runner: DriftRunner | None = Field(
        default=None,
        description="The task that looks for infrastructure drift where no operator does; without it such a stack's "
        "drift is unknown.",
    )
    ci_principals: list[PrincipalArn] = Field(
        default=[],
        max_length=16,
        description="Who may assume the role of people and CI/CD; by default whoever the account lets.",
    )

    @model_validator(mode="after")
    def _certificate_has_its_host(self) -> Self:
        if (self.certificate_arn is None) != (self.certificate_host is None):
            raise ValueError("set certificateArn and certificateHost together, or neither")
        return self


class CustomDomain(Manifest):
    """The API's own host name."""

    name: HostName = Field(description="Host name, like api.example.com; its DNS record is yours to make.")
    certificate_arn: CertificateArn = Field(description="Certificate of that name, in the environment's region.")


class Waf(Manifest):
    """The web ACL (002 §4.3)."""

    enabled: bool | None = Field(default=None, description="Whether it exists; optional in dev, always on elsewhere.")
    blocked_countries: list[Country] = Field(
        default=[], max_length=50, description="Countries whose requests are refused, by two letters each."
    )


class Alarms(Manifest):
    """The thresholds of the alarms (000 MN003)."""

    latency_threshold: int = Field(
        default=5000, ge=1, le=30000, description="95th percentile of the API's answers, in milliseconds."
    )
    min_strategies: int = Field(default=1, ge=0, le=100, description="How many live strategies must send heartbeats.")
    stale_threshold: int = Field(default=1, ge=1, le=100, description="How many stale heartbeats raise an alarm.")
    rds_cpu_percent: int = Field(default=80, ge=1, le=100, description="The database's CPU, in percent.")
    rds_free_storage_gb: int = Field(default=5, ge=1, le=1000, description="The database's free storage, in GB.")
    lambda_errors: int = Field(default=1, ge=1, le=1000, description="Errors of one function in five minutes.")


class EdgeConfig(Manifest):
    """Settings of the edge layer."""

    cors_allowed_origins: list[HttpsUrl] | None = Field(
        default=None,
        max_length=16,
        description="Origins that browsers may call from; by default * in dev, else none.",
    )
    skip_alb: bool = Field(
        default=False,
        description="Leave out the routes that end at the load balancer; needed where compute has none.",
    )
    custom_domain: CustomDomain | None = Field(default=None, description="The API's own host name, if it has one.")
    waf: Waf = Field(default=Waf(), description="The web ACL before the load balancer.")
    alarms: Alarms = Field(default=Alarms(), description="When people are told.")
