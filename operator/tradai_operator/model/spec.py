"""What a person declares: `spec` of a TradaiEnvironment (DESIGN §4).

Must never have a field that nobody enforces, nor a default that a blueprint should decide.
"""

import re
from datetime import timedelta
from functools import cache
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, create_model, model_validator

from tradai_iac.base import Manifest, worded
from tradai_iac.blueprint import Blueprint
from tradai_iac.blueprints import BLUEPRINTS, DEFAULT
from tradai_iac.naming import RESERVED_SUFFIX, SUFFIX_PATTERN
from tradai_iac.stages import EPHEMERAL_PREFIX
from tradai_operator.model.drift import Drift
from tradai_operator.model.durations import Duration, parse_duration
from tradai_operator.model.layers import Layers, LayerSpec, foreign_layer, layers_apart
from tradai_operator.model.maintenance import Maintenance
from tradai_operator.model.notify import Notify
from tradai_operator.model.program import Program
from tradai_operator.model.rules import immutable, immutable_option, rule, schema
from tradai_operator.model.state import State

DeletionPolicy = Literal["Retain", "Soft", "All", "Everything"]
Approval = Literal["Always", "OnDestructive", "Never"]

#: `eph-` and eight characters: what still tells environments apart in a target group's 32 (002 §9.1).
ENVIRONMENT_LIMIT: Final = len(EPHEMERAL_PREFIX) + 8
_STAGES: Final = tuple(dict.fromkeys(stage for b in BLUEPRINTS.values() for stage in b.stages))
_ENVIRONMENT: Final = f"^({'|'.join(_STAGES)}|{EPHEMERAL_PREFIX}[a-z0-9]+)$"
_ENVIRONMENT_FORM: Final = (
    f"write {', '.join(_STAGES)}, or {EPHEMERAL_PREFIX} and up to 8 letters a-z and digits, like eph-pr1234"
)
_TOO_LONG: Final = (
    f"write at most {ENVIRONMENT_LIMIT} characters: the environment is part of every resource's name, "
    "and a target group's takes only 32"
)
_KEY_ELSEWHERE: Final = (
    "set awskms to a key of the environment's own account and region, as `tradai bootstrap account` makes it: the "
    "operator opens the state with it as itself"
)
_TTL_STAGE: Final = "remove ttl, or name the environment eph-*: dev, staging and prod never end by themselves"
_TTL_POLICY: Final = (
    "set deletionPolicy: Everything beside ttl: an environment that ends by itself leaves nothing behind, "
    "and writing it there confirms that its data goes"
)
_RESERVED: Final = f"write another one: S3 keeps names that end with -{RESERVED_SUFFIX} for itself"


def is_environment_name(word: str) -> bool:
    """Whether `word` has the form of an environment's name, of whatever length."""
    return re.match(_ENVIRONMENT, word) is not None


def _fits_names(environment: str) -> str:
    if len(environment) > ENVIRONMENT_LIMIT:
        raise ValueError(_TOO_LONG)
    return environment


def _not_reserved(suffix: str) -> str:
    if suffix == RESERVED_SUFFIX:
        raise ValueError(_RESERVED)
    return suffix


def _known_blueprint(name: str) -> str:
    if name not in BLUEPRINTS:
        raise ValueError(f"is not one of {', '.join(sorted(BLUEPRINTS))}; choose one of them")
    return name


EnvironmentName = Annotated[str, worded(_ENVIRONMENT, _ENVIRONMENT_FORM, 63), AfterValidator(_fits_names)]
AccountId = Annotated[str, worded(r"^[0-9]{12}$", "write the account's twelve digits between quotation marks", 32)]
Region = Annotated[str, worded(r"^[a-z]{2}(-[a-z]+)+-[1-9]$", "write a region's code, like eu-central-1", 32)]
BucketSuffix = Annotated[
    str,
    worded(f"^{SUFFIX_PATTERN}$", "write 3 to 16 letters a-z and digits, like your company's name", 16),
    AfterValidator(_not_reserved),
]
RoleArn = Annotated[
    str,
    worded(
        r"^arn:aws(-[a-z]+)*:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]+$",
        "write the whole ARN of a role, like arn:aws:iam::123456789012:role/tradai-deploy",
        2048,
    ),
]
EndpointUrl = Annotated[
    str,
    worded(
        r"^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9_~-][A-Za-z0-9_.~-]*)*/?$",
        "write an address that starts with http:// or https://, like http://127.0.0.1:5000",
        512,
    ),
]


class Aws(Manifest):
    """Where in AWS the environment lives."""

    model_config = ConfigDict(json_schema_extra=schema(immutable_option("bucketSuffix")))

    account_id: AccountId = Field(
        description="The AWS account, twelve digits in quotation marks. Never changes.",
        json_schema_extra=schema(immutable("accountId")),
    )
    region: Region = Field(
        description="The AWS region, like eu-central-1. Never changes.",
        json_schema_extra=schema(immutable("region")),
    )
    assume_role_arn: RoleArn | None = Field(
        default=None,
        description="Role that the layers are deployed with; without one, the operator's own identity.",
    )
    endpoint_url: EndpointUrl | None = Field(
        default=None,
        description="The endpoint of AWS, for a sandbox; without one, what the operator was started with.",
    )
    bucket_suffix: BucketSuffix | None = Field(
        default=None,
        # what stood before there was such a field says and means the same without it: its digests do not move
        exclude_if=lambda suffix: suffix is None,
        description="Ends the name of every bucket, as in tradai-configs-dev-acme: buckets' names exist once in the "
        "world, and somebody else may have those without it. Never changes, nor comes or goes later.",
        json_schema_extra=schema(rule(f"self != '{RESERVED_SUFFIX}'", _RESERVED)),
    )


class EnvironmentSpec(Manifest):
    """The environment as you want it."""

    model_config = ConfigDict(
        json_schema_extra=schema(
            rule(f"!has(self.ttl) || self.environment.startsWith('{EPHEMERAL_PREFIX}')", _TTL_STAGE, ".ttl"),
            rule("!has(self.ttl) || self.deletionPolicy == 'Everything'", _TTL_POLICY, ".deletionPolicy"),
            rule(
                "!has(self.state.secrets.awskms) || "
                "self.state.secrets.awskms.contains(':kms:' + self.aws.region + ':' + self.aws.accountId + ':key/')",
                _KEY_ELSEWHERE,
                ".state.secrets.awskms",
            ),
        )
    )

    environment: EnvironmentName = Field(
        description="dev, staging, prod, or eph- and up to 8 characters; the Pulumi stack. Never changes.",
        json_schema_extra=schema(immutable("environment"), rule(f"self.size() <= {ENVIRONMENT_LIMIT}", _TOO_LONG)),
    )
    blueprint: Annotated[str, AfterValidator(_known_blueprint)] = Field(
        default=DEFAULT,
        max_length=63,
        description="Which system is built: the named set of layers. Never changes.",
        json_schema_extra=schema(immutable("blueprint")),
    )
    aws: Aws = Field(description="Where in AWS the environment lives.")
    state: State = Field(description="Where Pulumi keeps what it knows of the environment.")
    layers: Layers = Field(
        default=Layers(), description="Settings of each layer; a layer that is left out has its defaults."
    )
    deletion_policy: DeletionPolicy = Field(
        default="Soft",
        description="What deleting this resource takes from AWS: Retain (nothing), Soft (edge and compute), "
        "All (foundation too), Everything (persistent too, with all data).",
    )
    approval: Approval = Field(
        default="OnDestructive",
        description="Which changes wait until somebody approves their plan (`tradai diff`, `tradai approve`): Always "
        "(every one), OnDestructive (those that delete, replace or keep less of something), Never (none).",
    )
    maintenance: Maintenance | None = Field(
        default=None, description="When a standing environment may be changed; without it, at any time."
    )
    program: Program = Field(
        default=Program(), description="Which version of the stack programs builds the environment."
    )
    notify: Notify | None = Field(
        default=None,
        description="Where people are told of plans that wait, layers that are stuck and ends that come near: set "
        "exactly one.",
    )
    drift: Drift = Field(default=Drift(), description="How the environment is watched for drift.")
    suspend: bool = Field(default=False, description="Leave everything as it stands until this is false again.")
    ttl: Duration | None = Field(
        default=None,
        description="How long an eph-* environment lives from its creation, like 72h; then it is deleted. "
        "Needs deletionPolicy: Everything.",
    )

    @model_validator(mode="after")
    def _ends_only_when_ephemeral(self) -> Self:
        if self.ttl and not self.environment.startswith(EPHEMERAL_PREFIX):
            raise ValueError(_TTL_STAGE)
        if self.ttl and self.deletion_policy != "Everything":
            raise ValueError(_TTL_POLICY)
        return self

    @model_validator(mode="after")
    def _key_is_its_own(self) -> Self:
        place = f":kms:{self.aws.region}:{self.aws.account_id}:key/"
        if self.state.secrets.awskms and place not in self.state.secrets.awskms:
            raise ValueError(_KEY_ELSEWHERE)
        return self

    @model_validator(mode="after")
    def _layers_are_the_blueprints(self) -> Self:
        unset = type(self.layers)()
        for layer in sorted(self.layers.model_fields_set - set(self.declaration.layer_names)):
            if self.layers.of(layer) != unset.of(layer):
                raise ValueError(foreign_layer(layer))
        return self

    @model_validator(mode="after")
    def _images_agree(self) -> Self:
        for name in self.declaration.layer_names:
            self.declaration.layer(name).images(self.layer(name).config)
        return self

    @property
    def declaration(self) -> Blueprint:
        """What the blueprint declares."""
        return BLUEPRINTS[self.blueprint]

    @property
    def lifetime(self) -> timedelta | None:
        """How long the environment lives from its creation, None for ever."""
        return parse_duration(self.ttl) if self.ttl else None

    @property
    def enabled_layers(self) -> tuple[str, ...]:
        """The blueprint's layers that are to be built, in declaration order."""
        return tuple(name for name in self.declaration.layer_names if self.layer(name).enabled)

    @property
    def teardown(self) -> frozenset[str]:
        """The layers that deleting the resource destroys."""
        return self.declaration.teardown[self.deletion_policy]

    def layer(self, name: str) -> LayerSpec:
        """What is declared for one layer; raises KeyError for a layer that the blueprint has not."""
        return self.layers.of(self.declaration.layer(name).name)


@cache
def spec_of(blueprint: str) -> type[EnvironmentSpec]:
    """The model by which specs of that blueprint are read: its layers may be called as another's and be others."""
    layers = layers_apart(blueprint)
    if layers is None:
        return EnvironmentSpec
    field = Field(default=layers(), description=EnvironmentSpec.model_fields["layers"].description)
    of, doc = EnvironmentSpec, EnvironmentSpec.__doc__
    return create_model(of.__name__, __base__=of, __doc__=doc, layers=(layers, field))
