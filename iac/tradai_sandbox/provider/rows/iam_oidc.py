"""OpenID Connect providers (IAM): whose tokens may take on a role, as a CI system's do.

Must never change the issuer of a provider: that is another provider.
"""

from typing import Any, Final

from tradai_sandbox.provider.calls import Create, Delete, Read, change, on, retag
from tradai_sandbox.provider.props import Prop, out, tags
from tradai_sandbox.provider.row import Row, Work

_PROVIDER: Final = {"OpenIDConnectProviderArn": "{id}"}


def _same_issuer(actual: Any, wanted: Any) -> bool:
    """AWS tells the issuer without its scheme, which is always https."""
    return str(actual).removeprefix("https://") == str(wanted).removeprefix("https://")


def _clients(work: Work) -> None:
    wanted, had = set(work.inputs.get("clientIdLists") or []), set(work.state.get("clientIdLists") or [])
    for client in sorted(wanted - had):
        work.call("AddClientIDToOpenIDConnectProvider", OpenIDConnectProviderArn=work.id, ClientID=client)
    for client in sorted(had - wanted):
        work.call("RemoveClientIDFromOpenIDConnectProvider", OpenIDConnectProviderArn=work.id, ClientID=client)


OIDC_PROVIDER: Final = Row(
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
    "iam",
    (
        Prop("url", required=True, replace=True, same=_same_issuer),
        Prop("clientIdLists", list, api="ClientIDList", required=True),
        Prop("thumbprintLists", list, api="ThumbprintList", computed=True),
        *tags(),
        out("arn", value="{id}"),
    ),
    create=Create("CreateOpenIDConnectProvider", "OpenIDConnectProviderArn"),
    read=(Read("GetOpenIDConnectProvider", _PROVIDER),),
    steps=(
        on({"clientIdLists"}, _clients, after_create=False),
        change({"thumbprintLists"}, "UpdateOpenIDConnectProviderThumbprint", _PROVIDER, after_create=False),
        retag("TagOpenIDConnectProvider", "UntagOpenIDConnectProvider", _PROVIDER),
    ),
    delete=Delete("DeleteOpenIDConnectProvider", _PROVIDER),
    delete_first=True,
    regional=False,
)

ROWS: Final = (OIDC_PROVIDER,)
