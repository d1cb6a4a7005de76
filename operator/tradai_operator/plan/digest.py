"""Digests: when two runs of a layer would be given the same, the second need not happen (DESIGN §5).

Pure and canonical: key order and spelling of equal values never matter. Must never be reversible for a secret: those
come in as keyed hashes.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any


def digest(value: Any) -> str:
    """SHA-256 over the canonical JSON of `value`, as `sha256:<hex>`."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def keyed(value: str, key: str) -> str:
    """A secret's fingerprint: equal for equal secrets, useless to whoever lacks the key."""
    return hmac.new(key.encode(), value.encode(), hashlib.sha256).hexdigest()


def inputs_digest(
    *,
    layer: str,
    identity: Mapping[str, Any],
    program_version: str,
    config: Mapping[str, Any],
    upstream: Mapping[str, Mapping[str, Any]],
    secrets: Mapping[str, str],
    images: Mapping[str, str],
) -> str:
    """What one run of a layer depends on.

    Place, program, configuration, consumed outputs, secret fingerprints, image digests by component.
    """
    return digest(
        {
            "layer": layer,
            "identity": dict(identity),
            "program": program_version,
            "config": dict(config),
            "upstream": {name: dict(values) for name, values in upstream.items()},
            "secrets": dict(secrets),
            "images": dict(images),
        }
    )
