"""Users, clients and secrets (002 §4.2, §8; 000 cognito.py); never reads a secret's value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.documents.live import Facts, Live, one, tags_of

CLASSES = {
    "RequireUppercase": "Upper",
    "RequireLowercase": "Lower",
    "RequireNumbers": "Number",
    "RequireSymbols": "Symbol",
}


def pool_id(live: Live, name: str) -> str:
    """The id of the user pool of this name."""
    pools = live.pages("cognito-idp", "list_user_pools", "UserPools", MaxResults=60)
    return str(one([pool for pool in pools if pool["Name"] == name], f"user pools {name}")["Id"])


def pool_clients(live: Live, pool: str) -> list[dict[str, Any]]:
    """The app clients of a pool, described."""
    cognito = live.clients("cognito-idp")
    listed = live.pages("cognito-idp", "list_user_pool_clients", "UserPoolClients", UserPoolId=pool, MaxResults=60)
    ids = [client["ClientId"] for client in listed]
    return [cognito.describe_user_pool_client(UserPoolId=pool, ClientId=one_id)["UserPoolClient"] for one_id in ids]


def user_pool(live: Live, name: str) -> Facts:
    """MFA, password rules, recovery, security mode, clients by kind, domain and tags of a user pool."""
    cognito, pool = live.clients("cognito-idp"), pool_id(live, name)
    described = cognito.describe_user_pool(UserPoolId=pool)["UserPool"]
    mfa = cognito.get_user_pool_mfa_config(UserPoolId=pool)
    password = described["Policies"]["PasswordPolicy"]
    return {
        "mfa": {"ON": "Required", "OPTIONAL": "Optional"}.get(mfa.get("MfaConfiguration", "OFF"), "Off"),
        "totp": mfa.get("SoftwareTokenMfaConfiguration", {}).get("Enabled", False),
        "password min length": password["MinimumLength"],
        "password requirements": [word for key, word in CLASSES.items() if password.get(key)],
        "account recovery": _recovery(described),
        "advanced security": described.get("UserPoolAddOns", {}).get("AdvancedSecurityMode", "Not enabled"),
        "deletion protection": described.get("DeletionProtection", "INACTIVE") == "ACTIVE",
        "domain": bool(described.get("Domain")),
        "tags": described.get("UserPoolTags", {}),
        **_clients_by_kind(pool_clients(live, pool)),
    }


def _recovery(pool: Mapping[str, Any]) -> list[str]:
    mechanisms = pool.get("AccountRecoverySetting", {}).get("RecoveryMechanisms", [])
    return sorted(mechanism["Name"] for mechanism in mechanisms)


def _clients_by_kind(clients: list[dict[str, Any]]) -> dict[str, int]:
    machines = [client for client in clients if client.get("AllowedOAuthFlows") == ["client_credentials"]]
    return {"machine clients": len(machines), "web clients": len(clients) - len(machines)}


def secret(live: Live, name: str) -> Facts:
    """Existence, kind of rotation and tags of a secret."""
    described = live.clients("secretsmanager").describe_secret(SecretId=name)
    rotation = "Auto" if described.get("RotationEnabled") else "Manual"
    return {"exists": True, "rotation": rotation, "tags": tags_of(described.get("Tags", []))}
