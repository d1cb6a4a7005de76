"""APIs and what guards them (API Gateway v2, WAF).

Data. Must never find a resource by anything that another could share.
"""

from typing import Final

from tradai_iac.tags import URN_TAG
from tradai_runner.repair.find import Find, Tags

_OF_API: Final = {"ApiId": "$apiId"}
_MARKED: Final = f"Tags.\"{URN_TAG}\"=='$tag'"

ROWS: Final = (
    Find(
        "aws:apigatewayv2/api:Api",
        "apigatewayv2",
        "get_apis",
        {},
        f"Items[?{_MARKED}].{{id: ApiId, tags: Tags}}",
        own_ids=True,
    ),
    Find(
        "aws:apigatewayv2/vpcLink:VpcLink",
        "apigatewayv2",
        "get_vpc_links",
        {},
        f"Items[?{_MARKED}].{{id: VpcLinkId, tags: Tags, ready: VpcLinkStatus!='PENDING'}}",
        own_ids=True,
    ),
    Find(
        "aws:apigatewayv2/domainName:DomainName",
        "apigatewayv2",
        "get_domain_name",
        {"DomainName": "$domainName"},
        "[@][?DomainName].{id: DomainName, tags: Tags}",
    ),
    Find(
        "aws:apigatewayv2/stage:Stage",
        "apigatewayv2",
        "get_stages",
        _OF_API,
        "Items[?StageName=='$name'].{id: StageName, tags: Tags, made: CreatedDate}",
    ),
    Find(
        "aws:apigatewayv2/apiMapping:ApiMapping",
        "apigatewayv2",
        "get_api_mappings",
        {"DomainName": "$domainName"},
        "Items[?ApiId=='$apiId' && Stage=='$stage'].{id: ApiMappingId}",
        own_ids=True,
    ),
    Find(
        "aws:apigatewayv2/authorizer:Authorizer",
        "apigatewayv2",
        "get_authorizers",
        _OF_API,
        "Items[?Name=='$name'].{id: AuthorizerId}",
        own_ids=True,
    ),
    Find(
        "aws:apigatewayv2/integration:Integration",
        "apigatewayv2",
        "get_integrations",
        _OF_API,
        "Items[?IntegrationType=='$integrationType' && Description=='$description'].{id: IntegrationId}",
        own_ids=True,
    ),
    Find(
        "aws:apigatewayv2/route:Route",
        "apigatewayv2",
        "get_routes",
        _OF_API,
        "Items[?RouteKey=='$routeKey'].{id: RouteId}",
        own_ids=True,
    ),
    Find(
        "aws:wafv2/webAcl:WebAcl",
        "wafv2",
        "list_web_acls",
        {"Scope": "$scope"},
        "WebACLs[?Name=='$name'].{id: Id, arn: ARN}",
        Tags("list_tags_for_resource", {"ResourceARN": "$arn"}, "TagInfoForResource.TagList"),
        own_ids=True,
    ),
)
