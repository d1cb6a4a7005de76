"""IAM: the clients of an OpenID Connect provider, which moto cannot change once it is made.

Must never add a client twice: IAM takes that for done.
"""

from typing import Any

from moto.core.responses import EmptyResult
from moto.iam.responses import IamResponse

from tradai_sandbox.moto_ext.gaps.patching import add


def repair() -> None:
    """Let clients come and go."""
    add(IamResponse, add_client_id_to_open_id_connect_provider, remove_client_id_from_open_id_connect_provider)


def add_client_id_to_open_id_connect_provider(self: Any) -> EmptyResult:
    """AddClientIDToOpenIDConnectProvider."""
    provider, client = _asked(self)
    provider.client_id_list = [*(known for known in provider.client_id_list if known != client), client]
    return EmptyResult()


def remove_client_id_from_open_id_connect_provider(self: Any) -> EmptyResult:
    """RemoveClientIDFromOpenIDConnectProvider; that there is no such client is fine."""
    provider, client = _asked(self)
    provider.client_id_list = [known for known in provider.client_id_list if known != client]
    return EmptyResult()


def _asked(self: Any) -> tuple[Any, str]:
    arn = self._get_param("OpenIDConnectProviderArn")
    return self.backend.get_open_id_connect_provider(arn), self._get_param("ClientID")
