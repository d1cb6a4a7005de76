"""User pools, their clients, resource servers and domains."""

from typing import Any, Final

from tests.integration.provider_cases.case import Aws, Case, Props, Ref


def _pool(aws: Aws, state: Props) -> Any:
    found = aws("cognito-idp").describe_user_pool(UserPoolId=state["id"])["UserPool"]
    mfa = aws("cognito-idp").get_user_pool_mfa_config(UserPoolId=state["id"])
    return {
        "length": found["Policies"]["PasswordPolicy"]["MinimumLength"],
        "recovery": [m["Name"] for m in found["AccountRecoverySetting"]["RecoveryMechanisms"]],
        "mfa": mfa["MfaConfiguration"],
        "totp": mfa["SoftwareTokenMfaConfiguration"]["Enabled"],
        "tags": found.get("UserPoolTags"),
    }


def _password(length: int) -> dict[str, Any]:
    needed = ("lowercase", "uppercase", "numbers", "symbols")
    needs = {f"require_{kind}": True for kind in needed}
    return {"minimum_length": length, "temporary_password_validity_days": 7, **needs}


def _client(aws: Aws, state: Props) -> Any:
    found = aws("cognito-idp").describe_user_pool_client(UserPoolId=state["userPoolId"], ClientId=state["id"])
    client = found["UserPoolClient"]
    return [client["ClientName"], client.get("CallbackURLs"), client.get("AllowedOAuthScopes")]


def _server(aws: Aws, state: Props) -> Any:
    found = aws("cognito-idp").describe_resource_server(UserPoolId=state["userPoolId"], Identifier=state["identifier"])
    return [scope["ScopeName"] for scope in found["ResourceServer"]["Scopes"]]


def _scope(name: str) -> dict[str, str]:
    return {"scope_name": name, "scope_description": f"may {name}"}


_POOL_ID: Final = Ref("cognito.pool", "id")
_SEEN: Final = {"length": 12, "recovery": ["verified_email"], "mfa": "ON", "totp": True, "tags": {"a": "1"}}

CASES: Final = (
    Case(
        "cognito.pool",
        "aws:cognito/userPool:UserPool",
        {
            "name": "case-users",
            "mfa_configuration": "ON",
            "software_token_mfa_configuration": {"enabled": True},
            "password_policy": _password(12),
            "account_recovery_setting": {"recovery_mechanisms": [{"name": "verified_email", "priority": 1}]},
            "username_attributes": ["email"],
            "auto_verified_attributes": ["email"],
            "admin_create_user_config": {"allow_admin_create_user_only": True},
            "deletion_protection": "INACTIVE",
            "tags": {"a": "1"},
        },
        _pool,
        _SEEN,
        update={"password_policy": _password(14), "tags": {"b": "2"}},
        updated={**_SEEN, "length": 14, "tags": {"b": "2"}},
        meddle=lambda aws, state: aws("cognito-idp").set_user_pool_mfa_config(
            UserPoolId=state["id"],
            MfaConfiguration="OPTIONAL",
            SoftwareTokenMfaConfiguration={"Enabled": True},
        ),
        drifted=frozenset({"mfaConfiguration"}),
        replace={"name": "case-users-2"},
    ),
    Case(
        "cognito.server",
        "aws:cognito/resourceServer:ResourceServer",
        {"user_pool_id": _POOL_ID, "identifier": "case", "name": "case", "scopes": [_scope("read")]},
        _server,
        ["read"],
        update={"scopes": [_scope("read"), _scope("write")]},
        updated=["read", "write"],
        replace={"identifier": "case-2"},
    ),
    Case(
        "cognito.web",
        "aws:cognito/userPoolClient:UserPoolClient",
        {
            "user_pool_id": _POOL_ID,
            "name": "case-web",
            "explicit_auth_flows": ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
            "allowed_oauth_flows": ["code"],
            "allowed_oauth_flows_user_pool_client": True,
            "allowed_oauth_scopes": ["openid", "email"],
            "callback_urls": ["https://example.com/back"],
            "supported_identity_providers": ["COGNITO"],
            "prevent_user_existence_errors": "ENABLED",
            "enable_token_revocation": True,
        },
        _client,
        ["case-web", ["https://example.com/back"], ["openid", "email"]],
        update={"callback_urls": ["https://example.com/there"]},
        updated=["case-web", ["https://example.com/there"], ["openid", "email"]],
        meddle=lambda aws, state: aws("cognito-idp").update_user_pool_client(
            UserPoolId=state["userPoolId"], ClientId=state["id"], CallbackURLs=["https://example.com/elsewhere"]
        ),
        drifted=frozenset({"callbackUrls"}),
        import_id=lambda state: f"{state['userPoolId']}/{state['id']}",
    ),
    Case(
        "cognito.machine",
        "aws:cognito/userPoolClient:UserPoolClient",
        {
            "user_pool_id": _POOL_ID,
            "name": "case-machine",
            "generate_secret": True,
            "allowed_oauth_flows": ["client_credentials"],
            "allowed_oauth_flows_user_pool_client": True,
            "allowed_oauth_scopes": ["case/read"],
        },
        _client,
        ["case-machine", None, ["case/read"]],
        replace={"generate_secret": False},
        import_id=lambda state: f"{state['userPoolId']}/{state['id']}",
        not_imported=frozenset({"generateSecret"}),
    ),
    Case(
        "cognito.domain",
        "aws:cognito/userPoolDomain:UserPoolDomain",
        {"user_pool_id": _POOL_ID, "domain": "case-domain"},
        lambda aws, state: (
            aws("cognito-idp").describe_user_pool_domain(Domain=state["id"])["DomainDescription"].get("Domain")
        ),
        "case-domain",
        replace={"domain": "case-domain-2"},
    ),
)
