"""State files as the engine writes them, with operations that were interrupted.

Recorded from kill -9 in mid-create (pulumi 3.255.0), cut down to what matters. Must never judge.
"""

from typing import Any, Final

PROJECT: Final = "tradai-foundation"
SECRET: Final = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:xyz"}


def urn(type_: str, name: str) -> str:
    return f"urn:pulumi:dev::{PROJECT}::{type_}::{name}"


def resource(type_: str, name: str, **more: Any) -> dict[str, Any]:
    return {"urn": urn(type_, name), "custom": True, "type": type_, "inputs": {"name": name}, **more}


def operation(kind: str, type_: str, name: str, **more: Any) -> dict[str, Any]:
    return {"resource": resource(type_, name, **more), "type": kind}


def state(resources: list[dict[str, Any]], pending: list[dict[str, Any]]) -> dict[str, Any]:
    latest = {
        "manifest": {"time": "2026-11-21T17:04:30Z", "magic": "m", "version": "v3.255.0"},
        "secrets_providers": {"type": "passphrase", "state": {"salt": "v1:s"}},
        "resources": resources,
        "pending_operations": pending,
        "metadata": {},
    }
    return {"version": 3, "checkpoint": {"stack": "organization/tradai-foundation/dev", "latest": latest}}
