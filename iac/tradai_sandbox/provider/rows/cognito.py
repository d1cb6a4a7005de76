"""User pools, their clients, resource servers and domains (Cognito).

Must never read or write users. An update of a pool or client names everything that the program says, because
Cognito resets what an update leaves out.
"""

from typing import Any, Final

from tradai_sandbox.provider.calls import Create, Delete, Read, change, on
from tradai_sandbox.provider.props import Prop, Props, out, tags
from tradai_sandbox.provider.row import Row, Work

_POOL: Final = {"UserPoolId": "{id}"}
_MFA: Final = frozenset({"mfaConfiguration", "softwareTokenMfaConfiguration"})


def _create_pool(work: Work) -> str:
    """Made without MFA, which wants its own call once its factors are known."""
    names = frozenset(p.name for p in work.row.inputs) - _MFA
    return str(work.call("CreateUserPool", **work.params("CreateUserPool", names))["UserPool"]["Id"])


def _set_mfa(work: Work) -> None:
    params = work.params("SetUserPoolMfaConfig", _MFA)
    params.setdefault("SoftwareTokenMfaConfiguration", {"Enabled": False})
    work.call("SetUserPoolMfaConfig", UserPoolId=work.id, **params)


def _update_pool(work: Work) -> None:
    names = frozenset(p.name for p in work.row.inputs) - _MFA - {"name"}
    work = work.with_(inputs={"tags": {}, **work.inputs})
    params = work.params("UpdateUserPool", names)
    if "mfaConfiguration" in work.inputs:
        params["MfaConfiguration"] = work.inputs["mfaConfiguration"]
    work.call("UpdateUserPool", UserPoolId=work.id, **params)


_POOL_SETTINGS: Final = (
    Prop("passwordPolicy", dict, "Policies.PasswordPolicy", computed=True),
    Prop("signInPolicy", dict, "Policies.SignInPolicy", computed=True),
    Prop("accountRecoverySetting", dict, computed=True),
    Prop("adminCreateUserConfig", dict, computed=True),
    Prop("autoVerifiedAttributes", list),
    Prop("deletionProtection", default="INACTIVE"),
    Prop("deviceConfiguration", dict),
    Prop("emailConfiguration", dict, computed=True),
    Prop("emailVerificationMessage", computed=True),
    Prop("emailVerificationSubject", computed=True),
    Prop("lambdaConfig", dict),
    Prop("smsAuthenticationMessage"),
    Prop("smsVerificationMessage", computed=True),
    Prop("userAttributeUpdateSettings", dict),
    Prop("userPoolAddOns", dict),
    Prop("userPoolTier", computed=True),
    Prop("verificationMessageTemplate", dict, computed=True),
)


def _pool_outputs(work: Work, found: Props) -> Props:
    return {
        "endpoint": f"cognito-idp.{work.region}.amazonaws.com/{work.id}",
        "mfaConfiguration": found.get("mfaConfiguration", "OFF"),
    }


USER_POOL: Final = Row(
    "aws:cognito/userPool:UserPool",
    "cognito-idp",
    (
        Prop("name", api="PoolName|Name", replace=True),
        Prop("mfaConfiguration", default="OFF"),
        Prop("softwareTokenMfaConfiguration", dict),
        Prop("aliasAttributes", list, replace=True),
        Prop("usernameAttributes", list, replace=True),
        Prop("usernameConfiguration", dict, replace=True, computed=True),
        *_POOL_SETTINGS,
        *tags(to=None, api="UserPoolTags"),
        out("arn"),
        out("creationDate"),
        out("customDomain"),
        out("domain"),
        out("endpoint"),
    ),
    create=_create_pool,
    read=(
        Read("DescribeUserPool", _POOL, at="UserPool"),
        Read("GetUserPoolMfaConfig", _POOL, only=_MFA, gone_is_empty=True),
    ),
    finish=_pool_outputs,
    steps=(
        on({p.name for p in _POOL_SETTINGS} | {"tags"}, _update_pool, after_create=False),
        on(_MFA, _set_mfa),
    ),
    delete=Delete("DeleteUserPool", _POOL),
    name="name",
)

_CLIENT: Final = {"UserPoolId": "{userPoolId}", "ClientId": "{id}"}
_CLIENT_SETTINGS: Final = (
    Prop("name", api="ClientName"),
    Prop("accessTokenValidity", int, computed=True),
    Prop("idTokenValidity", int, computed=True),
    Prop("refreshTokenValidity", int, computed=True),
    Prop("authSessionValidity", int, computed=True),
    Prop("tokenValidityUnits", dict, computed=True),
    Prop("allowedOauthFlows", list),
    Prop("allowedOauthFlowsUserPoolClient", bool, default=False),
    Prop("allowedOauthScopes", list),
    Prop("callbackUrls", list),
    Prop("logoutUrls", list),
    Prop("defaultRedirectUri"),
    Prop("explicitAuthFlows", list, computed=True),
    Prop("supportedIdentityProviders", list),
    Prop("preventUserExistenceErrors", computed=True),
    Prop("enableTokenRevocation", bool, computed=True),
    Prop("enablePropagateAdditionalUserContextData", bool, computed=True),
    Prop("readAttributes", list),
    Prop("writeAttributes", list),
)

USER_POOL_CLIENT: Final = Row(
    "aws:cognito/userPoolClient:UserPoolClient",
    "cognito-idp",
    (
        Prop("userPoolId", required=True, replace=True),
        Prop("generateSecret", bool, replace=True, write_only=True),
        *_CLIENT_SETTINGS,
        out("clientSecret", secret=True),
    ),
    create=Create("CreateUserPoolClient", id="UserPoolClient.ClientId"),
    read=(Read("DescribeUserPoolClient", _CLIENT, at="UserPoolClient"),),
    steps=(change({p.name for p in _CLIENT_SETTINGS}, "UpdateUserPoolClient", _CLIENT, after_create=False),),
    delete=Delete("DeleteUserPoolClient", _CLIENT),
    import_id="{userPoolId}/{id}",
    name="name",
)

_SERVER: Final = {"UserPoolId": "{userPoolId}", "Identifier": "{identifier}"}


def _scope_identifiers(_: Work, found: Props) -> Props:
    scopes: list[dict[str, Any]] = found.get("scopes", [])
    return {"scopeIdentifiers": [f"{found['identifier']}/{scope['scopeName']}" for scope in scopes]}


RESOURCE_SERVER: Final = Row(
    "aws:cognito/resourceServer:ResourceServer",
    "cognito-idp",
    (
        Prop("userPoolId", required=True, replace=True),
        Prop("identifier", required=True, replace=True),
        Prop("name"),
        Prop("scopes", list),
        out("scopeIdentifiers", list),
    ),
    create=Create("CreateResourceServer"),
    read=(Read("DescribeResourceServer", _SERVER, at="ResourceServer"),),
    finish=_scope_identifiers,
    steps=(change({"name", "scopes"}, "UpdateResourceServer", _SERVER, after_create=False),),
    delete=Delete("DeleteResourceServer", _SERVER),
    id="{userPoolId}|{identifier}",
    name="name",
)

USER_POOL_DOMAIN: Final = Row(
    "aws:cognito/userPoolDomain:UserPoolDomain",
    "cognito-idp",
    (
        Prop("domain", required=True, replace=True),
        Prop("userPoolId", required=True, replace=True),
        out("awsAccountId", value="{account}"),
        out("cloudfrontDistribution"),
        out("s3Bucket"),
        out("version"),
    ),
    create=Create("CreateUserPoolDomain"),
    read=(
        Read(
            "DescribeUserPoolDomain",
            {"Domain": "{id}"},
            at="DomainDescription",
            alive=lambda found: bool(found.get("Domain")),
        ),
    ),
    delete=Delete("DeleteUserPoolDomain", {"Domain": "{domain}", "UserPoolId": "{userPoolId}"}),
    id="{domain}",
    delete_first=True,
)

ROWS: Final = (USER_POOL, USER_POOL_CLIENT, RESOURCE_SERVER, USER_POOL_DOMAIN)
