"""The HTTP API: who may call it, how often, and the routes that are served (001 §7, 002 §5).

Must never let a route that 002 §5.1 marks "Auth Required" through without a token.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from tradai_blueprints.tradai.config.api import DESCRIPTION, Api, Route, RouteThrottle, Target, Throttling
from tradai_blueprints.tradai.layers.edge.access_log import AccessLog
from tradai_iac.core.component import Component
from tradai_iac.naming import Naming

_CORS_METHODS: Final = ("GET", "POST", "OPTIONS")
_CORS_HEADERS: Final = ("authorization", "content-type")
_CORS_SECONDS: Final = 3600
_STAGE: Final = "$default"


@dataclass(frozen=True, kw_only=True)
class HttpApiArgs:
    """`issuer` is the token issuer's address without scheme, `audiences` the clients whose tokens count."""

    naming: Naming
    cors_allowed_origins: Sequence[str]
    issuer: pulumi.Input[str]
    audiences: Sequence[pulumi.Input[str]]


class HttpApi(Component):
    """`api` and its `authorizer`; `serve` adds the routes and opens the stage."""

    def __init__(self, name: str, args: HttpApiArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("edge:HttpApi", name, opts)
        self._naming = args.naming
        self.api = aws.apigatewayv2.Api(
            "api",
            name=args.naming.name("api"),
            description=DESCRIPTION,
            protocol_type="HTTP",
            cors_configuration=_cors(args.cors_allowed_origins),
            opts=self.child(),
        )
        self.authorizer = self._authorizer(args)
        self.register_outputs({"api_id": self.api.id, "endpoint": self.api.api_endpoint})

    def _authorizer(self, args: HttpApiArgs) -> aws.apigatewayv2.Authorizer:
        return aws.apigatewayv2.Authorizer(
            "jwt",
            api_id=self.api.id,
            name=args.naming.name("jwt"),
            authorizer_type="JWT",
            identity_sources=["$request.header.Authorization"],
            jwt_configuration=aws.apigatewayv2.AuthorizerJwtConfigurationArgs(
                issuer=pulumi.Output.concat("https://", args.issuer), audiences=list(args.audiences)
            ),
            opts=self.child(),
        )

    def serve(
        self, api: Api, integrations: Mapping[Target, aws.apigatewayv2.Integration], log: AccessLog
    ) -> aws.apigatewayv2.Stage:
        """Opens every route of 002 §5.1 whose target has an integration, throttled as 002 §5.2 says."""
        served = [route for route in api.routes if route.target in integrations]
        routes = [self._route(route, integrations[route.target]) for route in served]
        keys = {route.key for route in served}
        return self._stage(api.throttling, [r for r in api.throttling.routes if r.route_key in keys], routes, log)

    def _route(self, route: Route, integration: aws.apigatewayv2.Integration) -> aws.apigatewayv2.Route:
        return aws.apigatewayv2.Route(
            route.key,
            api_id=self.api.id,
            route_key=route.key,
            target=pulumi.Output.concat("integrations/", integration.id),
            authorization_type="JWT" if route.auth else "NONE",
            authorizer_id=self.authorizer.id if route.auth else None,
            opts=self.child(),
        )

    def _stage(
        self,
        throttling: Throttling,
        overrides: Sequence[RouteThrottle],
        routes: Sequence[pulumi.Resource],
        log: AccessLog,
    ) -> aws.apigatewayv2.Stage:
        """After the routes: AWS refuses settings of a route that is not there yet."""
        return aws.apigatewayv2.Stage(
            "stage",
            api_id=self.api.id,
            name=_STAGE,
            auto_deploy=True,
            access_log_settings=log.settings,
            default_route_settings=aws.apigatewayv2.StageDefaultRouteSettingsArgs(
                throttling_rate_limit=throttling.rate_per_second,
                throttling_burst_limit=throttling.burst,
                detailed_metrics_enabled=True,
            ),
            route_settings=[_route_settings(override, throttling.burst) for override in overrides],
            opts=self.child(depends_on=list(routes)),
        )


def _route_settings(override: RouteThrottle, burst: int) -> aws.apigatewayv2.StageRouteSettingArgs:
    """With the default burst: one that is left out counts as zero and would refuse every request."""
    return aws.apigatewayv2.StageRouteSettingArgs(
        route_key=override.route_key,
        throttling_rate_limit=override.rate_per_second,
        throttling_burst_limit=burst,
        detailed_metrics_enabled=True,
    )


def _cors(origins: Sequence[str]) -> aws.apigatewayv2.ApiCorsConfigurationArgs | None:
    if not origins:
        return None
    return aws.apigatewayv2.ApiCorsConfigurationArgs(
        allow_origins=list(origins),
        allow_methods=list(_CORS_METHODS),
        allow_headers=list(_CORS_HEADERS),
        max_age=_CORS_SECONDS,
    )
