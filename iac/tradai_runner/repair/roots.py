"""What is taken into a state stands as the engine wants it there: after its parents, by a provider that is there.

What a run could not save may hang on components, providers and other resources that somebody else's state lacks.
Pure: resources in, resources out. Must never change an entry that was not taken in.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Raw = Mapping[str, Any]


def rooted(resources: Sequence[Raw], taken: Collection[str], spare: Sequence[Raw]) -> list[dict[str, Any]]:
    """The resources, each of `taken` (URNs) with what it needs ahead of it: out of `spare`, or it goes without.

    A provider of the same URN serves as well; what it only depended on says no more than in what order things go, and
    the next update notes it again.
    """
    order = _Order({raw["urn"]: raw for raw in spare})
    for raw in resources:
        order.put(raw, changed=raw["urn"] in taken and not raw.get("delete"))
    return order.resources


@dataclass
class _Order:
    """The resources so far; `spare` by URN."""

    spare: Mapping[str, Raw]
    resources: list[dict[str, Any]] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    #: Providers by URN: how others refer to the last one.
    providers: dict[str, str] = field(default_factory=dict)

    def put(self, raw: Raw, *, changed: bool) -> None:
        """After what it needs, where it may be changed."""
        entry = self._fitted(raw) if changed else dict(raw)
        self.resources.append(entry)
        self.seen.add(entry["urn"])
        if str(entry["type"]).startswith("pulumi:providers:"):
            self.providers[entry["urn"]] = f"{entry['urn']}::{entry.get('id', '')}"

    def _fitted(self, raw: Raw) -> dict[str, Any]:
        entry = dict(raw)
        if (parent := entry.get("parent")) and not self._is_there(parent):
            del entry["parent"]
        provider = str(entry.get("provider") or "").rpartition("::")[0]
        if provider and self._is_there(provider) and provider in self.providers:
            entry["provider"] = self.providers[provider]
        return self._loosened(entry)

    def _is_there(self, urn: str) -> bool:
        if urn not in self.seen and urn in self.spare:
            self.put(self.spare[urn], changed=True)
        return urn in self.seen

    def _loosened(self, entry: dict[str, Any]) -> dict[str, Any]:
        """Without what it depends on and the state has not, or has only later."""
        for name in ("dependencies", "replaceWith"):
            if name in entry:
                entry[name] = self._known(entry[name])
        if found := entry.get("propertyDependencies"):
            entry["propertyDependencies"] = {name: self._known(urns) for name, urns in found.items()}
        if (host := entry.get("deletedWith")) and host not in self.seen:
            del entry["deletedWith"]
        return entry

    def _known(self, urns: Sequence[str] | None) -> list[str]:
        return [urn for urn in urns or () if urn in self.seen]
