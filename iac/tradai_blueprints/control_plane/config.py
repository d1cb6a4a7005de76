"""What people may set of the control plane: network and database (`ground`), the task and whom it serves (`service`).

Must never take a secret's value: RDS and the init step make all that are needed.
"""

from typing import Annotated, Final

from pydantic import Field

from tradai_iac.base import Manifest, worded

#: Where Fargate has a size of memory for 512 CPU units, and so on up.
SMALLEST_CPU: Final = 512

VpcId = Annotated[str, worded(r"^vpc-[0-9a-f]{8,17}$", "write the id of a VPC, like vpc-0a1b2c3d4e5f60718", 21)]
SubnetId = Annotated[
    str, worded(r"^subnet-[0-9a-f]{8,17}$", "write the id of a subnet, like subnet-0a1b2c3d4e5f60718", 24)
]
Cidr = Annotated[str, worded(r"^[0-9.]+/[0-9]{1,2}$", "write a range of IPv4 addresses, like 10.20.0.0/16", 18)]
Email = Annotated[str, worded(r"^[^@ ]+@[^@ ]+[.][^@ ]+$", "write a whole e-mail address, like ops@example.com", 254)]
Image = Annotated[
    str,
    worded(
        r"^[a-z0-9][a-z0-9._:/-]*@sha256:[0-9a-f]{64}$",
        "name the image by its digest, like registry.example.com/tradai-operator@sha256:0123…",
        512,
    ),
]
RoleArn = Annotated[
    str,
    worded(
        r"^arn:aws:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]+$",
        "write the ARN of a role, like arn:aws:iam::123456789012:role/tradai-deploy-dev",
        256,
    ),
]
KeyArn = Annotated[
    str,
    worded(
        r"^arn:aws:kms:[a-z0-9-]+:[0-9]{12}:key/[0-9a-f-]+$",
        "write the ARN of a key, like arn:aws:kms:eu-central-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef",
        256,
    ),
]
BucketName = Annotated[
    str, worded(r"^[a-z0-9][a-z0-9.-]+[a-z0-9]$", "write the name of a bucket, like tradai-pulumi-state-dev", 63)
]
InstanceClass = Annotated[
    str, worded(r"^db[.][a-z0-9]+[.][a-z0-9]+$", "write a class of database instances, like db.t4g.micro", 32)
]


class Network(Manifest):
    """A VPC of yours, by its id: the subnets of the tasks reach AWS by themselves, those of the database nowhere."""

    vpc_id: VpcId = Field(description="The VPC; it has DNS hostnames.")
    task_subnet_ids: list[SubnetId] = Field(
        min_length=2, max_length=6, description="Subnets of the tasks, in two zones; they reach AWS through a NAT."
    )
    database_subnet_ids: list[SubnetId] = Field(
        min_length=2, max_length=6, description="Subnets of the database, in two zones."
    )


class GroundConfig(Manifest):
    """Settings of the ground layer."""

    network: Network | None = Field(default=None, description="A VPC that exists; without it one is made.")
    cidr: Cidr = Field(default="10.90.0.0/20", description="Addresses of the VPC that is made; a /20 or larger.")
    instance_class: InstanceClass = Field(default="db.t4g.micro", description="Class of the database's instance.")
    storage_gb: int = Field(default=20, ge=20, le=1000, description="Size of the database's disk, encrypted.")
    multi_az: bool = Field(default=False, description="Whether a standby of the database runs in another zone.")
    backup_days: int = Field(
        default=14, ge=1, le=35, description="How far back the database can be restored to any second."
    )
    alert_emails: list[Email] = Field(
        default=[], max_length=16, description="Addresses that are subscribed to the topic of alarms."
    )


class Served(Manifest):
    """One environment that the operator here may build: by which role, and where its states are."""

    deploy_role_arn: RoleArn = Field(description="The role that its runs assume; `tradai bootstrap account` makes it.")
    state_bucket: BucketName = Field(description="The bucket of its states.")
    state_key_arn: KeyArn | None = Field(default=None, description="The key of its states, where there is one.")


class ServiceConfig(Manifest):
    """Settings of the service layer."""

    control_plane_image: Image | None = Field(
        default=None, description="Image of API server, kine, controller manager and init step, by digest."
    )
    operator_image: Image | None = Field(default=None, description="Image of operator and runner, by digest.")
    environments: list[Served] = Field(default=[], max_length=32, description="Environments that may be built.")
    cpu: int = Field(default=SMALLEST_CPU, ge=SMALLEST_CPU, le=4096, description="CPU units of the task.")
    memory_mb: int = Field(default=2048, ge=1024, le=30720, description="Memory of the task.")
    runner_cpu: int = Field(default=1024, ge=256, le=4096, description="CPU units of the task of one run.")
    runner_memory_mb: int = Field(default=2048, ge=1024, le=30720, description="Memory of the task of one run.")
    client_cidrs: list[Cidr] = Field(
        default=[],
        max_length=16,
        description="Who reaches the API server through an internal load balancer; without any there is none, and the "
        "way in is a session of Systems Manager.",
    )
    log_days: int = Field(default=30, ge=1, le=3653, description="How long logs are kept; one of CloudWatch's terms.")
