"""The provider's configuration: `aws:*` of the stack, or an explicit provider's inputs, or the environment.

Must never accept an endpoint that is not loopback, nor none at all: that would be a real account.
"""

import ipaddress
import json
import os
from collections.abc import Mapping
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError
from pydantic.alias_generators import to_camel
from pydantic.config import ConfigDict

from tradai_iac.base import Frozen
from tradai_sandbox.provider.failures import ProviderError

#: What the official provider calls a service, where boto3 calls it otherwise.
CLIENT_NAMES: Final = {
    "cognitoidp": "cognito-idp",
    "cognitoidentity": "cognito-identity",
    "elb": "elbv2",
    "sfn": "stepfunctions",
    "servicediscovery": "servicediscovery",
}


class AssumeRole(Frozen):
    """A role to take on before anything else."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    role_arn: str
    external_id: str | None = None
    session_name: str = "pulumi"
    duration: str | None = None
    policy: str | None = None


class DefaultTags(Frozen):
    """Tags that every taggable resource gets."""

    tags: dict[str, str] = Field(default_factory=dict)


class Settings(Frozen):
    """What the provider is told about account, region and endpoint."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    region: str = ""
    access_key: str | None = None
    secret_key: str | None = None
    token: str | None = None
    profile: str | None = None
    endpoints: tuple[dict[str, str], ...] = ()
    assume_roles: tuple[AssumeRole, ...] = ()
    allowed_account_ids: tuple[str, ...] = ()
    forbidden_account_ids: tuple[str, ...] = ()
    default_tags: DefaultTags = DefaultTags()
    s3_use_path_style: bool = True
    max_retries: int = Field(default_factory=lambda: int(os.environ.get("TRADAI_AWS_MAX_ATTEMPTS", "25")))
    retry_mode: Literal["standard", "adaptive"] = "standard"
    skip_credentials_validation: bool = False
    skip_metadata_api_check: bool = True
    skip_region_validation: bool = False
    skip_requesting_account_id: bool = False

    def endpoint(self, service: str) -> str:
        """The URL that serves a boto3 service; raises ProviderError where none is on loopback."""
        found = next((url for name, url in self._named_endpoints() if name == service), None)
        url = found or os.environ.get("AWS_ENDPOINT_URL", "")
        if not url:
            raise ProviderError(
                f"no endpoint for {service}: the sandbox provider serves local endpoints only; set "
                "aws:endpoints or AWS_ENDPOINT_URL"
            )
        require_loopback(url)
        return url

    def _named_endpoints(self) -> list[tuple[str, str]]:
        return [(CLIENT_NAMES.get(n, n), url) for group in self.endpoints for n, url in group.items() if url]


def require_loopback(url: str) -> None:
    """Raises ProviderError unless the URL's host is this machine itself."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return
    try:
        if ipaddress.ip_address(host).is_loopback:
            return
    except ValueError:
        pass
    raise ProviderError(f"endpoint {url} is not loopback: the sandbox provider refuses to write anywhere else")


def settings_from(props: Mapping[str, Any]) -> Settings:
    """Settings from provider inputs, whose nested values arrive as JSON text; raises ProviderError."""
    values = {k: _opened(k, v) for k, v in props.items() if v is not None and k not in ("version", "pluginDownloadURL")}
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        said = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise ProviderError(f"provider configuration: {said}") from error
    for group in settings.endpoints:
        for url in group.values():
            require_loopback(url)
    region = settings.region or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if not region:
        raise ProviderError("no region: set aws:region or AWS_REGION")
    return settings.model_copy(update={"region": region})


def _opened(name: str, value: Any) -> Any:
    field = next((f for n, f in Settings.model_fields.items() if to_camel(n) == name), None)
    if isinstance(value, str) and field is not None and field.annotation not in (str, str | None):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
