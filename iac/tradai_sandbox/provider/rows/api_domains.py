"""Custom domain names of HTTP APIs and what they map to (API Gateway v2).

Must never request a certificate: its ARN is given.
"""

from collections.abc import Mapping
from typing import Any, Final

from tradai_sandbox.provider.calls import Create, Delete, Read, change, retag
from tradai_sandbox.provider.props import Prop, Props, out, tags
from tradai_sandbox.provider.row import Row, Work
from tradai_sandbox.provider.translate import TranslationError

#: Pulumi's names within a domain's configuration → the API's: what a program says, and what only AWS does.
_SETTABLE: Final = {
    "certificateArn": "CertificateArn",
    "endpointType": "EndpointType",
    "securityPolicy": "SecurityPolicy",
    "ipAddressType": "IpAddressType",
    "ownershipVerificationCertificateArn": "OwnershipVerificationCertificateArn",
}
_FILLED: Final = {"hostedZoneId": "HostedZoneId", "targetDomainName": "ApiGatewayDomainName"}


def _configurations(given: Mapping[str, Any]) -> list[Props]:
    if extra := set(given) - set(_SETTABLE) - set(_FILLED):
        raise TranslationError(f"'domainNameConfiguration' has unknown properties: {', '.join(sorted(extra))}")
    return [{_SETTABLE[name]: value for name, value in given.items() if name in _SETTABLE}]


def _configuration(found: list[Props]) -> Props:
    return {name: found[0][member] for name, member in {**_SETTABLE, **_FILLED}.items() if found[0].get(member)}


def _available(found: Props) -> bool:
    return all(c.get("DomainNameStatus") != "UPDATING" for c in found.get("DomainNameConfigurations", []))


_DOMAIN: Final = {"DomainName": "{domainName}"}
_ARN: Final = "arn:aws:apigateway:{region}::/domainnames/{domainName}"

DOMAIN_NAME: Final = Row(
    "aws:apigatewayv2/domainName:DomainName",
    "apigatewayv2",
    (
        Prop("domainName", required=True, replace=True),
        Prop(
            "domainNameConfiguration",
            dict,
            api="DomainNameConfigurations",
            required=True,
            to=_configurations,
            back=_configuration,
            filled=frozenset(_FILLED),
        ),
        *tags(to=None),
        out("arn", value=_ARN),
        out("apiMappingSelectionExpression"),
    ),
    create=Create("CreateDomainName"),
    steps=(
        change({"domainNameConfiguration"}, "UpdateDomainName", _DOMAIN, after_create=False),
        retag("TagResource", "UntagResource", {"ResourceArn": _ARN}),
    ),
    read=(Read("GetDomainName", _DOMAIN, settled=_available),),
    delete=Delete("DeleteDomainName", _DOMAIN),
    id="{domainName}",
)

_MAPPING: Final = {"ApiMappingId": "{id}", "DomainName": "{domainName}"}


def _of_domain(work: Work, _: Props) -> Props:
    """No answer names the domain that it was asked of."""
    return {"domainName": work.values["domainName"]}


API_MAPPING: Final = Row(
    "aws:apigatewayv2/apiMapping:ApiMapping",
    "apigatewayv2",
    (
        Prop("apiId", required=True, replace=True),
        Prop("domainName", required=True, replace=True),
        Prop("stage", required=True),
        Prop("apiMappingKey"),
    ),
    create=Create("CreateApiMapping", "ApiMappingId"),
    steps=(
        change(
            {"stage", "apiMappingKey"},
            "UpdateApiMapping",
            {**_MAPPING, "ApiId": "{apiId}"},
            build=lambda work: {"ApiMappingKey": work.inputs.get("apiMappingKey", "")},
            after_create=False,
        ),
    ),
    read=(Read("GetApiMapping", _MAPPING),),
    delete=Delete("DeleteApiMapping", _MAPPING),
    finish=_of_domain,
    import_id="{id}/{domainName}",
    # two mappings of one domain cannot have the same key
    delete_first=True,
)

ROWS: Final = (DOMAIN_NAME, API_MAPPING)
