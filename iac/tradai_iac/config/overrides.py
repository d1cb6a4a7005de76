"""What people may set per layer in `spec.layers.<layer>.config`; each field is enforced by a stack program.

These models become part of the CRD: each field has a description, and each string, list and map a bound. Must
never accept a value that 002 calls immutable (CIDRs, keys, bucket names, the user pool).
"""

from typing import Annotated, Self

from pydantic import ConfigDict, Field, field_validator, model_validator

from tradai_iac.base import TOGETHER, Manifest, worded
from tradai_iac.config.images import IMAGES

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
SecretName = Annotated[
    str,
    worded(
        r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$",
        "write the name of a Secret in this resource's own namespace, like tradai-secrets",
        253,
    ),
]
SecretKey = Annotated[str, worded(r"^[A-Za-z0-9._-]+$", "write a key of that Secret, like database-url", 253)]
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


class SecretKeyRef(Manifest):
    """A key of a Secret in the resource's own namespace."""

    name: SecretName = Field(description="Name of the Secret, in this namespace.")
    key: SecretKey = Field(description="Key within the Secret.")


class SecretSource(Manifest):
    """Where the value of one secret comes from."""

    secret_ref: SecretKeyRef = Field(description="The Secret and key that hold the value.")


class Secrets(Manifest):
    """The four secrets of 002 §8; one that is left out is created without a value."""

    database_url: SecretSource | None = Field(
        default=None, alias="database-url", description="PostgreSQL connection string (002 §8)."
    )
    mlflow_credentials: SecretSource | None = Field(
        default=None, alias="mlflow-credentials", description="MLflow tracking credentials (002 §8)."
    )
    binance_api: SecretSource | None = Field(
        default=None, alias="binance-api", description="Binance API key and secret (002 §8)."
    )
    jwt_secret: SecretSource | None = Field(default=None, alias="jwt-secret", description="JWT signing key (002 §8).")


class PersistentConfig(Manifest):
    """Settings of the persistent layer."""

    strategy_repositories: list[RepositoryName] = Field(
        default=[],
        max_length=64,
        description="ECR repositories of strategies, beside the 24 fixed ones (001 §3).",
    )
    cloud_trail: bool | None = Field(
        default=None, description="Whether CloudTrail is on; optional in dev, always on elsewhere (002 §10)."
    )
    callback_urls: list[HttpsUrl] = Field(
        default=[], max_length=16, description="Where Cognito's web client may send people back to."
    )

    @field_validator("strategy_repositories")
    @classmethod
    def _takes_no_name_twice(cls, names: list[str]) -> list[str]:
        IMAGES.repositories(names)
        return names


class FoundationConfig(Manifest):
    """Settings of the foundation layer."""

    secrets: Secrets = Field(default=Secrets(), description="Values of the secrets of 002 §8, by reference.")
    alert_emails: list[Email] = Field(
        default=[], max_length=16, description="Who is subscribed to the alerts topic (001 §5)."
    )
    consolidated_security_group: bool | None = Field(
        default=None,
        description="Whether the consolidated instance's security group exists; by default as compute has it.",
    )


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
        description="Leave the load balancer out (001 §3 `is_skip_alb`); edge then takes skipAlb as well.",
    )

    @model_validator(mode="after")
    def _certificate_has_its_host(self) -> Self:
        if (self.certificate_arn is None) != (self.certificate_host is None):
            raise ValueError("set certificateArn and certificateHost together, or neither")
        return self


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
