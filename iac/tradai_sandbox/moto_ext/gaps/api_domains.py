"""API Gateway v2: custom domain names with their certificate and target, UpdateDomainName, UpdateApiMapping.

Must never hand out a certificate: one that ACM does not have in this region is refused.
"""

import json
import secrets
import zlib
from typing import Any, Final

from moto.acm.models import acm_backends
from moto.apigatewayv2 import models, responses
from moto.apigatewayv2.exceptions import APIGatewayV2Error, BadRequestException

from tradai_sandbox.moto_ext.gaps.patching import add, wrap

Reply = tuple[int, dict[str, str], str]
#: The hosted zone of regional domain names in eu-central-1.
_ZONE: Final = "Z1U9ULNL0V5AJ3"


class MappingExistsError(APIGatewayV2Error):
    """A domain name has one mapping a key."""

    code = 409

    def __init__(self, key: str) -> None:
        super().__init__("ConflictException", f"ApiMapping key already exists for this domain name: {key or '(none)'}")


def repair() -> None:
    """Add the operations, complete and check what is created."""
    add(responses.ApiGatewayV2Response, update_domain_name, update_api_mapping)
    wrap(
        models.ApiGatewayV2Backend,
        create_domain_name=_completed,
        delete_domain_name=_with_mappings,
        create_api_mapping=_unique,
        _generate_api_maping_id=_random,
    )


def update_domain_name(self: Any) -> Reply:
    """UpdateDomainName: a given field of the configuration replaces the old one, its target stays."""
    backend = self.apigatewayv2_backend
    domain, body = backend.get_domain_name(self.path.split("/")[-1]), json.loads(self.body)
    given = body.get("domainNameConfigurations")
    if given:
        _check_certificates(backend, given)
        domain.domain_name_configurations = [{**domain.domain_name_configurations[0], **given[0]}]
    return 200, {}, json.dumps(domain.to_json())


def update_api_mapping(self: Any) -> Reply:
    """UpdateApiMapping: another stage, or another key where no other mapping has it."""
    *_, domain, _, id_ = self.path.split("/")
    backend, body = self.apigatewayv2_backend, json.loads(self.body)
    mapping = backend.get_api_mapping(id_, domain)
    api, key = body.get("apiId", mapping.api_id), body.get("apiMappingKey", mapping.api_mapping_key)
    stage = backend.get_stage(api, body.get("stage", mapping.stage)).name
    _check_key(backend, domain, key, own=id_)
    mapping.api_id, mapping.api_mapping_key, mapping.stage = api, key, stage
    return 200, {}, json.dumps(mapping.to_json())


def _completed(original: Any) -> Any:
    def create_domain_name(self: Any, domain_name: str, domain_name_configurations: Any, **more: Any) -> Any:
        _check_certificates(self, domain_name_configurations)
        domain = original(self, domain_name, domain_name_configurations, **more)
        target = f"d-{zlib.crc32(domain_name.encode()):010d}.execute-api.{self.region_name}.amazonaws.com"
        found = {"apiGatewayDomainName": target, "hostedZoneId": _ZONE, "domainNameStatus": "AVAILABLE"}
        domain.domain_name_configurations = [{**given, **found} for given in domain_name_configurations]
        return domain

    return create_domain_name


def _check_certificates(backend: Any, configurations: list[dict[str, Any]]) -> None:
    known = {c.arn for c in acm_backends[backend.account_id][backend.region_name]._certificates.values()}
    for configuration in configurations:
        if configuration.get("certificateArn") not in known:
            raise BadRequestException(f"Unable to find the certificate {configuration.get('certificateArn')}")


def _with_mappings(original: Any) -> Any:
    """moto changes the mappings while it goes through them."""

    def delete_domain_name(self: Any, domain_name: str) -> None:
        for id_ in [i for i, m in self.api_mappings.items() if m.domain_name == domain_name]:
            del self.api_mappings[id_]
        original(self, domain_name)

    return delete_domain_name


def _unique(original: Any) -> Any:
    def create_api_mapping(self: Any, api_id: str, api_mapping_key: str, domain_name: str, stage: str) -> Any:
        _check_key(self, domain_name, api_mapping_key)
        self.get_stage(api_id, stage)
        return original(self, api_id, api_mapping_key, domain_name, stage)

    return create_api_mapping


def _random(_: Any) -> Any:
    """moto makes the id from the key, which an update may change."""
    return lambda *_, **__: secrets.token_hex(3)


def _check_key(backend: Any, domain: str, key: str, own: str = "") -> None:
    for mapping in backend.get_api_mappings(domain):
        if mapping.api_mapping_key == key and mapping.api_mapping_id != own:
            raise MappingExistsError(key)
