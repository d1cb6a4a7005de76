"""Cognito: updating and deleting a resource server; what a pool is born with outlives its updates.

Must never touch users, groups or tokens.
"""

from typing import Any

from moto.cognitoidp import models, responses
from moto.core.responses import ActionResult, EmptyResult

from tradai_sandbox.moto_ext.gaps.patching import add, wrap

#: Settings that CreateUserPool alone takes: no update can change or lose them.
INBORN = ("AliasAttributes", "Schema", "UsernameAttributes", "UsernameConfiguration")


def repair() -> None:
    """Add the operations to moto's response class, keep a pool's inborn settings."""
    wrap(models.CognitoIdpBackend, update_user_pool=_keeping_the_inborn)
    add(responses.CognitoIdpResponse, update_resource_server, delete_resource_server)


def update_resource_server(self: Any) -> ActionResult:
    """UpdateResourceServer: name and scopes are replaced as a whole."""
    server = _server(self)
    server.name, server.scopes = self._get_param("Name"), self._get_param("Scopes") or []
    return ActionResult({"ResourceServer": server.to_json()})


def delete_resource_server(self: Any) -> EmptyResult:
    """DeleteResourceServer: the server and its scopes are gone."""
    server = _server(self)
    del self.backend.describe_user_pool(server.user_pool_id).resource_servers[server.identifier]
    return EmptyResult()


def _server(response: Any) -> Any:
    pool, identifier = response._get_param("UserPoolId"), response._get_param("Identifier")
    return response.backend.describe_resource_server(pool, identifier)


def _keeping_the_inborn(original: Any) -> Any:
    def update_user_pool(self: Any, user_pool_id: str, extended_config: dict[str, Any]) -> None:
        had = self.describe_user_pool(user_pool_id).extended_config
        kept = {name: had[name] for name in INBORN if name in had}
        original(self, user_pool_id, {**extended_config, **kept})

    return update_user_pool
