"""The cluster that the person's kubeconfig names, and the environments in it.

What Kubernetes has against it is raised, and becomes a sentence in one place (`trouble`). Must never touch a spec or a
status: whatever a word says to the operator is an annotation.
"""

from typing import Annotated, Any, Final

import typer
import yaml
from lightkube import ApiError, Client
from lightkube.core.exceptions import ConfigError
from lightkube.generic_resource import create_namespaced_resource
from lightkube.resources.authentication_v1 import SelfSubjectReview
from lightkube.types import PatchType

from tradai_operator.model import Environment, InvalidResource, keys

Name = Annotated[str, typer.Argument(metavar="ENV", help="the resource's name or its environment")]
Namespace = Annotated[str, typer.Option("--namespace", "-n", help="the resource's namespace")]

Resource: Any = create_namespaced_resource(keys.GROUP, keys.VERSION, keys.KIND, keys.PLURAL)
#: Whose the annotations are that the command line sets.
MANAGER: Final = "tradai"
#: What a kubeconfig that is none, or names files that are not there, makes of lightkube.
_UNFIT: Final = (KeyError, TypeError, AttributeError, ValueError, AssertionError, OSError, yaml.YAMLError)


def connect() -> Client:
    """A client of the cluster that the person means; raises lightkube's ConfigError where that cannot be told."""
    try:
        return Client(field_manager=MANAGER)
    except _UNFIT as error:
        said = str(error).partition("\n")[0]
        raise ConfigError(f"the kubeconfig cannot be used: {type(error).__name__}: {said}") from error


def find(env: str, namespace: str) -> tuple[Client, Environment]:
    """The resource of that name, or the one for that environment; exits with a sentence otherwise.

    By its name a resource is found also by those who may see no other one. Raises ApiError.
    """
    client = connect()
    if named := _named(client, env, namespace):
        return client, _valid(named)
    bodies = [item.to_dict() for item in client.list(Resource, namespace=namespace)]
    for body in bodies:
        if body.get("spec", {}).get("environment") == env:
            return client, _valid(body)
    known = ", ".join(body["metadata"]["name"] for body in bodies)
    there = f"there is {known}" if known else "it has none; `kubectl get tradaienv -A` shows those of all namespaces"
    typer.echo(f"no environment {env} in namespace {namespace}: {there}; use -n for another namespace", err=True)
    raise typer.Exit(1)


def _named(client: Client, name: str, namespace: str) -> dict[str, Any] | None:
    try:
        body: dict[str, Any] = client.get(Resource, name, namespace=namespace).to_dict()
    except ApiError as error:
        if error.status.code == 403 or (error.status.code == 404 and error.status.details):
            return None
        raise
    return body


def _valid(body: dict[str, Any]) -> Environment:
    try:
        return Environment.parse(body)
    except InvalidResource as error:
        name = body["metadata"]["name"]
        typer.echo(f"{name} exists, but its spec is invalid: {error}; correct its manifest and apply it", err=True)
        raise typer.Exit(1) from None


def annotate(client: Client, found: Environment, annotations: dict[str, str]) -> None:
    """Sets annotations of the resource; raises ApiError."""
    patch = {"metadata": {"annotations": annotations}}
    client.patch(Resource, found.name, patch, namespace=found.namespace, patch_type=PatchType.MERGE)


def myself(client: Client) -> str:
    """Who the API server says that we are; raises ApiError."""
    answer = client.create(SelfSubjectReview())
    user = answer.status.userInfo if answer.status else None
    return (user.username if user else None) or ""
