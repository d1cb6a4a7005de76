"""What the stacks export (001 §10; 000 "Outputs Quick Reference"), out of the states in their bucket; reads only.

A value is shown by what it names: an id that AWS made up by the name of what has it, an ARN by its last part. Must
never show a secret's value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from tests.documents.live import AbsentError, Facts, Live
from tests.documents.readers.ids import names

STATE = ".pulumi/stacks/tradai-{layer}/{env}.json"
SPECIAL = "4dabf18193072939515e22adb298388d"  # the key that marks a secret in Pulumi's state
MADE_UP = re.compile(r"^[0-9a-f]{16}$|^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$|^\d+$")
OF_SECRET = re.compile(r"-\w{6}$")


def output(live: Live, name: str) -> Facts:
    """What the output `name` ("foundation vpc_id") names, and how many things."""
    layer, _, key = name.partition(" ")
    value = _outputs(live, layer).get(key)
    if value is None:
        raise AbsentError(f"{layer} exports no {key}")
    shown = _shown(live, value)
    return {"names": shown, "count": len(shown) if isinstance(shown, list) else 1}


def _outputs(live: Live, layer: str) -> Mapping[str, Any]:
    return dict(live.once(("outputs", layer), lambda: _read(live, layer)))


def _read(live: Live, layer: str) -> Mapping[str, Any]:
    key = STATE.replace("{layer}", layer).replace("{env}", live.env)
    body = live.clients("s3").get_object(Bucket=f"tradai-pulumi-state-{live.env}", Key=key)["Body"].read()
    resources = json.loads(body)["checkpoint"]["latest"]["resources"]
    stacks = [resource for resource in resources if resource["type"] == "pulumi:pulumi:Stack"]
    found: Mapping[str, Any] = stacks[0].get("outputs", {}) if stacks else {}
    return found


def _shown(live: Live, value: Any) -> str | list[str]:
    if isinstance(value, Mapping):
        return "a secret" if SPECIAL in value else sorted(f"{key}: {_named(live, text)}" for key, text in value.items())
    if isinstance(value, list):
        return sorted(_named(live, text) for text in value)
    return _named(live, value)


def _named(live: Live, value: Any) -> str:
    text, known = str(value), names(live)
    if text in known:
        return known[text]
    if text.startswith("arn:"):
        return _last_part(text)
    for word in set(re.split(r"[/:]", text.replace(".execute-api", "/"))) & set(known):
        text = text.replace(word, f"({known[word]})")
    return text


def _last_part(arn: str) -> str:
    """An ARN's last word that was not made up, nor is a revision; a secret's without what AWS adds to it."""
    resource = arn.split(":", 5)[5]
    if arn.split(":")[2] == "secretsmanager":
        return OF_SECRET.sub("", resource.partition(":")[2])
    return [word for word in re.split(r"[:/]", resource) if word and not MADE_UP.match(word)][-1]
