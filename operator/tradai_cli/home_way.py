"""`tradai kubeconfig`: a way into the control plane on ECS, for some hours.

Whoever may read the authority's secret may sign; AWS's own trail says who did. Must never leave a key behind but in the
file that it was asked for, nor sign for longer than a day.
"""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from tradai_cli.home import File, Home, read_home
from tradai_control_plane.base import StepError
from tradai_control_plane.keys import Subject, sign
from tradai_control_plane.kubeconfig import Way, kubeconfig
from tradai_control_plane.rotation import LONGEST_CLIENT
from tradai_control_plane.store import SecretsManager, private

Clients = Callable[[str], Any]

_API_PORT: Final = 6443
_MOST_HOURS: Final = int(LONGEST_CLIENT.total_seconds() / 3600)
_ADMINISTRATORS: Final = "system:masters"
_PLUGIN: Final = "session-manager-plugin of AWS"


def clients_of(home: Home) -> Clients:
    """Plain boto3 clients of its region, in its role where it names one."""
    import boto3  # half a second that only these commands pay

    endpoint = home.endpoint_url or os.environ.get("AWS_ENDPOINT_URL")
    session = boto3.Session(region_name=home.region)
    if home.assume_role_arn:
        external = {"ExternalId": home.external_id} if home.external_id else {}
        sts = session.client("sts", endpoint_url=endpoint)
        key = sts.assume_role(RoleArn=home.assume_role_arn, RoleSessionName="tradai-control-plane", **external)
        session = boto3.Session(
            aws_access_key_id=key["Credentials"]["AccessKeyId"],
            aws_secret_access_key=key["Credentials"]["SecretAccessKey"],
            aws_session_token=key["Credentials"]["SessionToken"],
            region_name=home.region,
        )
    make: Any = session.client  # its stubs know each service by a literal name
    return lambda service: make(service, endpoint_url=endpoint)


def authority_store(home: Home, clients: Clients) -> SecretsManager:
    """Where its authorities and keys are kept."""
    return SecretsManager(clients("secretsmanager"), home.naming.path("authority"))


def way(
    file: File,
    output: Annotated[Path, typer.Option("--output", "-o", help="where the kubeconfig is written, for you alone")],
    user: Annotated[str | None, typer.Option(help="who you are there; by default as AWS names you")] = None,
    group: Annotated[list[str] | None, typer.Option(help="a group that you are in; may be said several times")] = None,
    admin: Annotated[bool, typer.Option("--admin", help=f"be an administrator ({_ADMINISTRATORS})")] = False,
    hours: Annotated[int, typer.Option(min=1, max=_MOST_HOURS, help="for how long it is good")] = 8,
    port: Annotated[int, typer.Option(min=1024, max=65535, help="the port here of a session")] = _API_PORT,
    server: Annotated[str | None, typer.Option(help="the load balancer's host, where there is one")] = None,
) -> None:
    """Write a kubeconfig of the control plane on ECS that is good for some hours, and say how it is reached."""
    home = read_home(file)
    clients = clients_of(home)
    name = user or _named(clients)
    groups = (*(group or ()), *((_ADMINISTRATORS,) if admin else ()))
    try:
        bundle = authority_store(home, clients).read().bundle
        authority = bundle.authority
    except (StepError, LookupError) as error:
        raise typer.BadParameter(f"there is no way in yet: {error}; `tradai bootstrap ecs` builds one") from None
    now = datetime.now(UTC)
    identity = sign(authority, Subject(user=name, groups=groups), now, timedelta(hours=hours))
    where = Way(server=f"https://{server}" if server else f"https://127.0.0.1:{port}", trusted=bundle.trusted)
    private(output, kubeconfig(where, name, identity))
    typer.echo(f"{output}: {name}{' of ' + ', '.join(groups) if groups else ''}, good for {hours} hours")
    if not server:
        typer.echo(_session(home, clients, port))
    typer.echo(f"export KUBECONFIG={output.absolute()}")


def _named(clients: Clients) -> str:
    """The last part of what AWS calls the caller: a user's name, or a session's."""
    return str(clients("sts").get_caller_identity()["Arn"]).rpartition("/")[2]


def _session(home: Home, clients: Clients, port: int) -> str:
    """The command that opens the way, for a terminal of its own; it needs the AWS command and its plug-in."""
    names, ecs = home.naming.name, clients("ecs")
    cluster = names("cluster")
    arns = ecs.list_tasks(cluster=cluster, serviceName=names("control", kind="ecs-service"))["taskArns"]
    tasks = ecs.describe_tasks(cluster=cluster, tasks=arns)["tasks"] if arns else []
    found = [
        (task["taskArn"].rpartition("/")[2], container["runtimeId"])
        for task in tasks
        for container in task.get("containers", [])
        if container["name"] == "kube-apiserver" and container.get("runtimeId")
    ]
    if not found:
        return "no task of it runs at the moment; say this again once `aws ecs describe-services` shows one"
    task, runtime = found[0]
    parameters = f'{{"portNumber":["{_API_PORT}"],"localPortNumber":["{port}"]}}'
    return (
        f"open the way in a terminal of its own (it needs the {_PLUGIN}):\n"
        f"aws ssm start-session --region {home.region} --target ecs:{cluster}_{task}_{runtime}"
        f" --document-name AWS-StartPortForwardingSession --parameters '{parameters}'"
    )
