"""Custom domain names of HTTP APIs and their mappings; needs `apigateway`."""

from typing import Any, Final

from tests.integration.provider_cases.case import Aws, Case, Given, Props, Ref


def _domain(aws: Aws, state: Props) -> Any:
    found = aws("apigatewayv2").get_domain_name(DomainName=state["domainName"])
    configuration = found["DomainNameConfigurations"][0]
    target = state["domainNameConfiguration"]["targetDomainName"]
    arn = configuration["CertificateArn"].partition(":")[0]
    return [arn, configuration["EndpointType"], configuration["ApiGatewayDomainName"] == target, found["Tags"]]


def _mapping(aws: Aws, state: Props) -> Any:
    found = aws("apigatewayv2").get_api_mapping(ApiMappingId=state["id"], DomainName=state["domainName"])
    return [found["ApiId"] == state["apiId"], found["Stage"], found["ApiMappingKey"]]


def _certificate(aws: Aws) -> str:
    return str(aws("acm").request_certificate(DomainName="*.tradai.example")["CertificateArn"])


def _configuration(certificate: str) -> Props:
    return {
        "certificate_arn": Ref(certificate, "arn"),
        "endpoint_type": "REGIONAL",
        "security_policy": "TLS_1_2",
    }


def _another_stage(aws: Aws, state: Props) -> None:
    client = aws("apigatewayv2")
    client.create_stage(ApiId=state["apiId"], StageName="theirs")
    client.update_api_mapping(
        ApiId=state["apiId"], ApiMappingId=state["id"], DomainName=state["domainName"], Stage="theirs"
    )


GIVEN: Final = (Given("acm.certificate", _certificate), Given("acm.renewed", _certificate))

CASES: Final = (
    Case(
        "api.domain",
        "aws:apigatewayv2/domainName:DomainName",
        {
            "domain_name": "api.tradai.example",
            "domain_name_configuration": _configuration("acm.certificate"),
            "tags": {"a": "1"},
        },
        _domain,
        ["arn", "REGIONAL", True, {"a": "1"}],
        update={"domain_name_configuration": _configuration("acm.renewed"), "tags": {"a": "2"}},
        updated=["arn", "REGIONAL", True, {"a": "2"}],
        meddle=lambda aws, state: aws("apigatewayv2").update_domain_name(
            DomainName=state["domainName"],
            DomainNameConfigurations=[{**_theirs(aws), "EndpointType": "REGIONAL", "SecurityPolicy": "TLS_1_2"}],
        ),
        drifted=frozenset({"domainNameConfiguration"}),
        replace={"domain_name": "api-2.tradai.example"},
    ),
    Case(
        "api.mapping",
        "aws:apigatewayv2/apiMapping:ApiMapping",
        {
            "api_id": Ref("api.api"),
            "domain_name": Ref("api.domain", "domain_name"),
            "stage": Ref("api.stage", "name"),
            "api_mapping_key": "v1",
        },
        _mapping,
        [True, "$default", "v1"],
        update={"api_mapping_key": ""},
        updated=[True, "$default", ""],
        meddle=_another_stage,
        drifted=frozenset({"stage"}),
        import_id=lambda state: f"{state['id']}/{state['domainName']}",
    ),
)


def _theirs(aws: Aws) -> Props:
    return {"CertificateArn": _certificate(aws)}
