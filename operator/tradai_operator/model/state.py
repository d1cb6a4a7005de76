"""Where Pulumi keeps what it knows of the environment, and what protects the secrets in it: `spec.state`.

Must never take an alias of a key, nor two ways to open a state: what was chosen first opens it for ever.
"""

from typing import Annotated, Final, Self

from pydantic import ConfigDict, Field, model_validator

from tradai_iac.base import Manifest, worded
from tradai_iac.secret_refs import SecretKeyRef
from tradai_operator.model.rules import immutable, rule, schema
from tradai_runner.contract import Durability

_ONE_OPENER: Final = (
    "set exactly one of passphraseSecretRef (a Secret with a passphrase) and awskms (the ARN of a key), which the "
    "state's secrets are protected with from the beginning"
)

KeyArn = Annotated[
    str,
    worded(
        r"^arn:aws(-[a-z]+)*:kms:[a-z0-9-]+:[0-9]{12}:key/(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$",
        "write the whole ARN of a key, like "
        "arn:aws:kms:eu-central-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef; an alias may be moved to "
        "another key, and the state would be lost",
        256,
    ),
]
BackendUrl = Annotated[
    str,
    worded(
        r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*/?$",
        "write s3:// and the state bucket's name, like s3://tradai-pulumi-state-dev; "
        "region and endpoint are added by the operator, and other kinds of backend are not supported",
        512,
    ),
]


class StateSecrets(Manifest):
    """What protects the secrets in the state: one of the two, chosen when the environment is made."""

    model_config = ConfigDict(
        json_schema_extra=schema(
            rule("has(self.passphraseSecretRef) != has(self.awskms)", _ONE_OPENER),
            immutable("what protects the state's secrets"),
        )
    )

    passphrase_secret_ref: SecretKeyRef | None = Field(
        default=None,
        description="Secret and key, in this namespace, with the passphrase of the state. Never changes.",
    )
    awskms: KeyArn | None = Field(
        default=None,
        description="The key of KMS that opens the state, in the environment's account and region; whoever runs the "
        "layers needs kms:Encrypt and kms:Decrypt on it. Never changes.",
    )

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if (self.passphrase_secret_ref is None) == (self.awskms is None):
            raise ValueError(_ONE_OPENER)
        return self


class Retention(Manifest):
    """How much of what runs leave behind stays in the state bucket."""

    runs: Annotated[int, Field(ge=10, le=1000, json_schema_extra={"format": "int32"})] = Field(
        default=50,
        description="How many runs of each layer keep their logs, plans, history and backups; anything younger than "
        "two days is kept in any case.",
    )


class State(Manifest):
    """Where Pulumi keeps what it knows of the environment."""

    backend_url: BackendUrl = Field(
        description="The state bucket, s3://bucket or s3://bucket/folder. Never changes.",
        json_schema_extra=schema(immutable("backendUrl")),
    )
    secrets: StateSecrets = Field(description="What protects the secrets in the state.")
    retention: Retention = Field(
        default=Retention(), description="How much of what runs leave behind stays in the state bucket."
    )
    durability: Durability | None = Field(
        default=None,
        description="When the state bucket has what a run has done: Sync (all of it before the run goes on) or Group "
        "(the beginning of every step before the run goes on, ends in groups soon after). Left out, a new "
        "environment begins with Group, and one that exists keeps what it has: Sync where nobody ever set it.",
    )
