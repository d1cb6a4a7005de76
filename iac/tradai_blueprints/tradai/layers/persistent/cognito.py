"""The user pool with TOTP, its web and M2M clients and its domain (002 §4.2; 001 §4; 000 DK005).

Must never open self-registration: people trade here, an administrator invites them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from tradai_blueprints.tradai.config.security import Cognito, PasswordPolicy
from tradai_iac.core.component import Component
from tradai_iac.naming import Naming


@dataclass(frozen=True)
class IdentityArgs:
    """Where the web client may send people back to, beside the canonical values.

    Domain prefixes are shared by all accounts of a region: `account_id` keeps ours apart.
    """

    cognito: Cognito
    naming: Naming
    account_id: str
    deletion_protection: bool
    callback_urls: Sequence[str]


class Identity(Component):
    """User pool, resource server, clients and domain."""

    def __init__(self, name: str, args: IdentityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("persistent:Identity", name, opts)
        self.user_pool = self._user_pool(args)
        self.web_client = self._web_client(args)
        self.m2m_client = self._m2m_client(args, self._resource_server(args))
        self.domain = aws.cognito.UserPoolDomain(
            "domain",
            domain=args.naming.name(args.cognito.domain, args.account_id, kind="cognito-domain"),
            user_pool_id=self.user_pool.id,
            opts=self.child(),
        )
        self.register_outputs({"user_pool_id": self.user_pool.id, "domain": self.domain.domain})

    def _user_pool(self, args: IdentityArgs) -> aws.cognito.UserPool:
        mechanisms = [
            aws.cognito.UserPoolAccountRecoverySettingRecoveryMechanismArgs(name=name, priority=priority)
            for priority, name in enumerate(args.cognito.recovery, start=1)
        ]
        return aws.cognito.UserPool(
            "users",
            name=args.naming.name(args.cognito.user_pool, kind="user-pool"),
            mfa_configuration=args.cognito.mfa,
            software_token_mfa_configuration=aws.cognito.UserPoolSoftwareTokenMfaConfigurationArgs(
                enabled=args.cognito.totp
            ),
            password_policy=_password_policy(args.cognito.password),
            account_recovery_setting=aws.cognito.UserPoolAccountRecoverySettingArgs(recovery_mechanisms=mechanisms),
            username_attributes=["email"],
            auto_verified_attributes=["email"],
            admin_create_user_config=aws.cognito.UserPoolAdminCreateUserConfigArgs(allow_admin_create_user_only=True),
            deletion_protection="ACTIVE" if args.deletion_protection else "INACTIVE",
            opts=self.child(),
        )

    def _web_client(self, args: IdentityArgs) -> aws.cognito.UserPoolClient:
        # Cognito's code flow needs a place to return to: without one, people sign in through the API alone.
        hosted = bool(args.callback_urls)
        return aws.cognito.UserPoolClient(
            "web",
            name=args.naming.name(args.cognito.web_client),
            user_pool_id=self.user_pool.id,
            generate_secret=False,
            explicit_auth_flows=["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"],
            supported_identity_providers=["COGNITO"],
            prevent_user_existence_errors="ENABLED",
            enable_token_revocation=True,
            allowed_oauth_flows_user_pool_client=hosted,
            allowed_oauth_flows=["code"] if hosted else None,
            allowed_oauth_scopes=list(args.cognito.web_scopes) if hosted else None,
            callback_urls=list(args.callback_urls) if hosted else None,
            opts=self.child(),
        )

    def _resource_server(self, args: IdentityArgs) -> aws.cognito.ResourceServer:
        name = args.naming.name(args.cognito.resource_server)
        scopes = [
            aws.cognito.ResourceServerScopeArgs(scope_name=scope.name, scope_description=scope.description)
            for scope in args.cognito.m2m_scopes
        ]
        return aws.cognito.ResourceServer(
            "api",
            identifier=name,
            name=name,
            user_pool_id=self.user_pool.id,
            scopes=scopes,
            opts=self.child(),
        )

    def _m2m_client(self, args: IdentityArgs, server: aws.cognito.ResourceServer) -> aws.cognito.UserPoolClient:
        return aws.cognito.UserPoolClient(
            "m2m",
            name=args.naming.name(args.cognito.m2m_client),
            user_pool_id=self.user_pool.id,
            generate_secret=True,
            explicit_auth_flows=["ALLOW_REFRESH_TOKEN_AUTH"],
            allowed_oauth_flows_user_pool_client=True,
            allowed_oauth_flows=["client_credentials"],
            allowed_oauth_scopes=server.scope_identifiers,
            prevent_user_existence_errors="ENABLED",
            enable_token_revocation=True,
            opts=self.child(),
        )


def _password_policy(policy: PasswordPolicy) -> aws.cognito.UserPoolPasswordPolicyArgs:
    return aws.cognito.UserPoolPasswordPolicyArgs(
        minimum_length=policy.minimum_length,
        require_uppercase=policy.require_uppercase,
        require_lowercase=policy.require_lowercase,
        require_numbers=policy.require_numbers,
        require_symbols=policy.require_symbols,
        temporary_password_validity_days=policy.temporary_validity_days,
    )
