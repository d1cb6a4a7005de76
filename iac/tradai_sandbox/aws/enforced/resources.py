"""What is known of the resources that a call is on: their tags, and whom an association belongs to.

For the services whose tags our policies ask for. Must never make a resource, nor fail for one that is not there.
"""

from base64 import b64decode
from collections.abc import Mapping
from typing import Any, Protocol

from moto.cognitoidp.models import cognitoidp_backends
from moto.ec2.models import ec2_backends

from tradai_iac.iam.calls import Request
from tradai_sandbox.moto_ext.gaps.kms import key_id_of


class Resources(Protocol):
    """What the door asks about resources."""

    def tags(self, arn: str) -> Mapping[str, str]:
        """The tags of a resource; none for one without, or that is not there yet."""

    def completed(self, request: Request) -> Request:
        """The request with what AWS itself looks up: an association's route table, the key of what is encrypted."""


class MotoResources:
    """The resources of the running endpoint."""

    def tags(self, arn: str) -> Mapping[str, str]:
        """As the protocol says, for EC2 and user pools."""
        _, _, service, region, account, name = arn.split(":", 5)
        id_ = name.rsplit("/", 1)[-1]
        if service == "ec2":
            return dict(ec2_backends[account][region].tags.get(id_, {}))
        if service == "cognito-idp":
            pool = cognitoidp_backends[account][region].user_pools.get(id_)
            return dict(pool.extended_config.get("UserPoolTags") or {}) if pool else {}
        return {}

    def completed(self, request: Request) -> Request:
        """As the protocol says."""
        if request.service == "kms":
            return _with_key(request)
        association = next(request.named("AssociationId"), "")
        if not association.startswith("rtbassoc-"):
            return request
        tables = list(ec2_backends[request.account][request.region].route_tables.values())
        owner = next((table.id for table in tables if association in table.all_associations_ids), None)
        return _with(request, {"RouteTableId": owner} if owner else {})


def _with_key(request: Request) -> Request:
    """KMS reads from what it shall decrypt which key has encrypted it, whether the call names one or not."""
    blob = next(request.named("CiphertextBlob"), None)
    key = key_id_of(b64decode(blob)) if blob else None
    return _with(request, {"KeyId": key} if key else {})


def _with(request: Request, more: Mapping[str, Any]) -> Request:
    params = {**request.params, **more}
    place = (request.account, request.region, request.method, request.path)
    return Request(request.service, request.operation, params, *place)
