"""Which of the caller's environment variables reach a run: its runner, engine, provider and program.

Whoever starts a run (the operator, a container's platform, a person's shell) has variables that change what an engine
does: PULUMI_OPTION_TARGET leaves resources out, PULUMI_DIY_BACKEND_GZIP writes a state that nobody else reads. So only
the names of this table pass. Must never hand on a name that it does not know, nor print a value.
"""

from collections.abc import Mapping, MutableMapping
from typing import Final

#: Name → why a run needs it. Adding a name is adding a row; whatever it sets must not change what a run does.
PERMITTED: Final[Mapping[str, str]] = {
    # the process
    "PATH": "where the engine and its plugins are found",
    "HOME": "where the engine keeps its plugins, and AWS clients their profiles",
    "USER": "the name in a lock, where the system does not know the user",
    "LOGNAME": "the same",
    "TMPDIR": "where scratch files go: the run's own folder",
    "LANG": "the encoding of what processes print",
    "LC_ALL": "the same",
    "LC_CTYPE": "the same",
    "TZ": "the times in a log",
    "LD_LIBRARY_PATH": "where a Python that was not installed by the system finds its libraries",
    "VIRTUAL_ENV": "which Python serves the sandbox's provider",
    "PYTHONPATH": "where that Python finds the programs that are not installed",
    "PYTHONDONTWRITEBYTECODE": "a container whose file system is read-only",
    # the engine
    "PULUMI_HOME": "where plugins lie",
    "PULUMI_CONFIG_PASSPHRASE": "what opens the state, by hand",
    "PULUMI_CONFIG_PASSPHRASE_FILE": "the same in a file",
    # who calls AWS
    "AWS_ACCESS_KEY_ID": "credentials",
    "AWS_SECRET_ACCESS_KEY": "credentials",
    "AWS_SESSION_TOKEN": "credentials of a session",
    "AWS_PROFILE": "credentials that a person keeps in a profile",
    "AWS_DEFAULT_PROFILE": "the same, by its older name",
    "AWS_CONFIG_FILE": "where profiles are",
    "AWS_SHARED_CREDENTIALS_FILE": "where their credentials are",
    "AWS_ROLE_ARN": "the role of a service account in Kubernetes",
    "AWS_WEB_IDENTITY_TOKEN_FILE": "what it proves itself by",
    "AWS_ROLE_SESSION_NAME": "how its calls are told apart in CloudTrail",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "the role of an ECS task",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI": "the role of a pod (EKS Pod Identity)",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN": "what it proves itself by",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "the same in a file",
    "AWS_EC2_METADATA_DISABLED": "that there is no instance whose role could be taken",
    # where AWS is
    "AWS_REGION": "the region of calls that name none",
    "AWS_DEFAULT_REGION": "the same",
    "AWS_ENDPOINT_URL": "an AWS that is elsewhere: the sandbox",
    "AWS_USE_FIPS_ENDPOINT": "endpoints that an account's rules demand",
    "AWS_USE_DUALSTACK_ENDPOINT": "endpoints of networks without IPv4",
    "AWS_STS_REGIONAL_ENDPOINTS": "networks that reach only their own region",
    # the way to it
    "AWS_CA_BUNDLE": "the authorities that a proxy's certificates come from",
    "SSL_CERT_FILE": "the same, for the engine",
    "SSL_CERT_DIR": "the same",
    "REQUESTS_CA_BUNDLE": "the same, for Python",
    "HTTP_PROXY": "networks without a way of their own",
    "HTTPS_PROXY": "the same",
    "NO_PROXY": "what is reached without it",
    "http_proxy": "the same in small letters, which some read alone",
    "https_proxy": "the same",
    "no_proxy": "the same",
    # the runner itself
    "TRADAI_SECRETS_DIR": "where a container has the values of its secrets",
    "TRADAI_SECRETS_ID": "the secret of AWS that has them",
    "TRADAI_AWS_MAX_ATTEMPTS": "how patient the sandbox's provider is",
    "TRADAI_PYTHON": "which Python serves the sandbox's provider",
    "TRADAI_SANDBOX": "which sandbox a process belongs to",
    "TRADAI_CRASH": "where a test lets a process die",
    "TRADAI_CRASH_DIR": "where it leaves its mark",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "where traces go",
    "OTEL_EXPORTER_OTLP_HEADERS": "what lets them in there",
    "OTEL_EXPORTER_OTLP_CERTIFICATE": "whom they trust there",
    "OTEL_EXPORTER_OTLP_INSECURE": "that the way there is not encrypted",
    "TRACEPARENT": "which span a run hangs on",
}

#: What speaks to an engine or an AWS client: whoever sets one of these expects something of it, and is told.
_EXPECTED: Final = ("PULUMI_", "AWS_")
#: What every shell of the sandbox has, and the runner sets itself: nobody needs to hear of these.
_OUR_OWN: Final = frozenset({"PULUMI_BACKEND_URL", "PULUMI_SKIP_UPDATE_CHECK", "PULUMI_AUTOMATION_API"})


def permitted(given: Mapping[str, str]) -> dict[str, str]:
    """What of an environment a run may see."""
    return {name: given[name] for name in PERMITTED if name in given}


def left_out(given: Mapping[str, str]) -> tuple[str, ...]:
    """The names, in order, that were set for an engine or an AWS client and do not reach a run."""
    return tuple(sorted(name for name in given if name.startswith(_EXPECTED) and name not in {*PERMITTED, *_OUR_OWN}))


def confine(environment: MutableMapping[str, str]) -> tuple[str, ...]:
    """Takes out of an environment what a run may not see; gives the names that a person should hear of."""
    told, kept = left_out(environment), permitted(environment)
    for name in [name for name in environment if name not in kept]:
        del environment[name]
    return told
