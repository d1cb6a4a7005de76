"""The Kubernetes objects of one run: a Job of one pod that runs the runner once, and the Secret that it mounts.

Pure. The pod fits the restricted Pod Security Standard. Must never carry a secret in its command or environment.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from lightkube.models.batch_v1 import JobSpec
from lightkube.models.core_v1 import (
    Capabilities,
    Container,
    EmptyDirVolumeSource,
    EnvVar,
    PodSecurityContext,
    PodSpec,
    PodTemplateSpec,
    ResourceRequirements,
    SeccompProfile,
    SecretVolumeSource,
    SecurityContext,
    Volume,
    VolumeMount,
)
from lightkube.models.meta_v1 import ObjectMeta, OwnerReference
from lightkube.resources.batch_v1 import Job
from lightkube.resources.core_v1 import Secret

from tradai_iac.blueprints import BLUEPRINTS
from tradai_operator.adapters.runs.remote import labels
from tradai_operator.schedule.places import weight_of
from tradai_runner.contract import RunRequest
from tradai_runner.journal.address import RunAddress
from tradai_runner.remote import secrets as handed
from tradai_runner.remote.command import COMMAND

_SECRETS: Final = "/run/tradai/secrets"
_WORK: Final = "/work"
#: Longer than any layer takes; a run that hangs shall not hang for ever.
_DEADLINE_SECONDS: Final = 6 * 3600
#: What an engine may take to save its state once it was asked to stop.
_GRACE_SECONDS: Final = 180
_KEPT_SECONDS: Final = 3600
_USER: Final = 65532
_SCRATCH: Final = "2Gi"
#: A run may for a while take more than it weighs; its engine must not be killed for that.
_PEAK: Final = 2


@dataclass(frozen=True)
class JobSettings:
    """What whoever runs the operator decides for all Jobs: `environment` is that of the container."""

    namespace: str
    image: str
    service_account: str = "tradai-runner"
    cpu: str = "250m"
    environment: Mapping[str, str] = field(default_factory=dict)


def name_of(run: RunAddress) -> str:
    """The name of a run's Job and Secret: the same however often it is asked, and nobody else's."""
    return f"tradai-{run.stack}-{sha256(str(run).encode()).hexdigest()[:16]}"


def secret_of(run: RunAddress, request: RunRequest, job: Job, values: Mapping[str, str]) -> Secret:
    """The values of a run's secrets, one key a file; it goes with the Job, as the API server has that."""
    made = job.metadata or ObjectMeta()
    owner = OwnerReference(apiVersion="batch/v1", kind="Job", name=made.name or "", uid=made.uid or "")
    metadata = ObjectMeta(
        name=name_of(run), namespace=made.namespace, labels=labels(run, request), ownerReferences=[owner]
    )
    return Secret(metadata=metadata, stringData=dict(values), immutable=True, type="Opaque")


def job_of(run: RunAddress, request: RunRequest, settings: JobSettings, carried: Mapping[str, str]) -> Job:
    """The Job of one run, suspended until its Secret is there; `carried` joins the container's environment."""
    name, marks = name_of(run), labels(run, request) | {"app.kubernetes.io/name": "tradai-runner"}
    return Job(
        metadata=ObjectMeta(name=name, namespace=settings.namespace, labels=marks),
        spec=JobSpec(
            suspend=True,
            backoffLimit=0,
            completions=1,
            parallelism=1,
            podReplacementPolicy="Failed",
            activeDeadlineSeconds=_DEADLINE_SECONDS,
            ttlSecondsAfterFinished=_KEPT_SECONDS,
            template=PodTemplateSpec(metadata=ObjectMeta(labels=marks), spec=_pod(run, request, settings, carried)),
        ),
    )


def _pod(run: RunAddress, request: RunRequest, settings: JobSettings, carried: Mapping[str, str]) -> PodSpec:
    environment = {
        **settings.environment,
        **carried,
        handed.FOLDER: _SECRETS,
        "HOME": _WORK,
        "TMPDIR": _WORK,
        "PULUMI_HOME": f"{_WORK}/pulumi",
    }
    weight = weight_of(BLUEPRINTS.get(request.blueprint), request.layer)
    return PodSpec(
        restartPolicy="Never",
        serviceAccountName=settings.service_account,
        automountServiceAccountToken=False,
        enableServiceLinks=False,
        terminationGracePeriodSeconds=_GRACE_SECONDS,
        securityContext=PodSecurityContext(
            runAsNonRoot=True,
            runAsUser=_USER,
            runAsGroup=_USER,
            fsGroup=_USER,
            seccompProfile=SeccompProfile(type="RuntimeDefault"),
        ),
        containers=[_container(run, settings, environment, weight)],
        volumes=[
            Volume(name="secrets", secret=SecretVolumeSource(secretName=name_of(run), defaultMode=0o440)),
            Volume(name="work", emptyDir=EmptyDirVolumeSource(sizeLimit=_SCRATCH)),
        ],
    )


def _container(run: RunAddress, settings: JobSettings, environment: Mapping[str, str], weight: int) -> Container:
    return Container(
        name="runner",
        image=settings.image,
        command=list(COMMAND),
        args=[str(run)],
        env=[EnvVar(name=name, value=value) for name, value in sorted(environment.items())],
        resources=ResourceRequirements(
            requests={"memory": f"{weight}Mi", "cpu": settings.cpu, "ephemeral-storage": _SCRATCH},
            limits={"memory": f"{weight * _PEAK}Mi", "ephemeral-storage": _SCRATCH},
        ),
        securityContext=SecurityContext(
            allowPrivilegeEscalation=False,
            readOnlyRootFilesystem=True,
            capabilities=Capabilities(drop=["ALL"]),
        ),
        volumeMounts=[
            VolumeMount(name="secrets", mountPath=_SECRETS, readOnly=True),
            VolumeMount(name="work", mountPath=_WORK),
        ],
    )


def is_over(job: Job) -> bool:
    """Whether none of the Job's pods is left that works, and none will come."""
    status = job.status
    if status is None or status.active or status.terminating:
        return False
    said = {condition.type for condition in status.conditions or [] if condition.status == "True"}
    return bool(said & {"Complete", "Failed"}) or bool(job.spec and job.spec.suspend and "Suspended" in said)


def is_suspended(job: Job) -> bool:
    """Whether the Job was stopped: such a one stays, where others go by themselves when their time is over."""
    return bool(job.spec and job.spec.suspend)
