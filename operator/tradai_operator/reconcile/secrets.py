"""Which Secrets a spec refers to, and what is found there.

Values stay in `SecretValues`, which goes to the executor and nowhere else; decisions get fingerprints, and texts that
leave the cluster a mask. Must never be
logged.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel

from tradai_iac.secret_refs import SecretKeyRef, SecretSource
from tradai_operator.decide.facts import SecretFacts
from tradai_operator.model import Environment, EnvironmentSpec
from tradai_operator.plan.digest import keyed
from tradai_operator.ports import Cluster, ClusterError
from tradai_runner.contract import OTHER_PASSPHRASE
from tradai_runner.journal.mask import Mask, mask_of


@dataclass(frozen=True)
class SecretValues:
    """The values themselves: the state's passphrase, and layer → secret name → value.

    Where a key opens the state, the passphrase is one of the operator's own: what runs say in secret is sealed with it.
    `others` may open the state too: a deletion tries them all. `tried` says where each of them comes from.
    """

    passphrase: str | None = None
    others: tuple[str, ...] = ()
    tried: tuple[str, ...] = ()
    layers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    missing: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return "SecretValues(***)"

    def facts(self) -> SecretFacts:
        """What decisions may know."""
        key = self.passphrase
        if key is None:
            return SecretFacts(state=None, missing=self.missing)
        prints = {
            layer: {name: keyed(value, key) for name, value in values.items()} for layer, values in self.layers.items()
        }
        return SecretFacts(
            state=keyed("state", key),
            layers=prints,
            missing=self.missing,
            all_states=tuple(keyed("state", found) for found in (key, *self.others)),
            tried=self.tried,
        )

    def mask(self) -> Mask:
        """What takes these values out of a text."""
        values = [value for layer in self.layers.values() for value in layer.values()]
        return mask_of([*values, *(found for found in (self.passphrase, *self.others) if found)])

    def for_destroy(self) -> dict[str, str]:
        """The other passphrases, as a run is given values."""
        return {f"{OTHER_PASSPHRASE}-{number}": found for number, found in enumerate(self.others)}


def references(env: Environment) -> dict[str, dict[str, SecretKeyRef]]:
    """Layer → secret name → reference, for every enabled layer's configuration."""
    return {name: dict(_sources(env.spec.layer(name).config)) for name in env.spec.enabled_layers}


def secret_names(spec: EnvironmentSpec, layer: str) -> frozenset[str]:
    """The names of the secrets that one layer's configuration takes by reference."""
    return frozenset(name for name, _ in _sources(spec.layer(layer).config))


def referenced_names(env: Environment) -> frozenset[str]:
    """The names of all Secrets that the spec refers to, in the resource's own namespace."""
    refs = [ref for refs in references(env).values() for ref in refs.values()]
    opener = env.spec.state.secrets.passphrase_secret_ref
    return frozenset(ref.name for ref in (*refs, *([opener] if opener else [])))


def _sources(model: BaseModel) -> Iterator[tuple[str, SecretKeyRef]]:
    for name, declared in type(model).model_fields.items():
        value = getattr(model, name)
        if isinstance(value, SecretSource):
            yield declared.alias or name, value.secret_ref
        elif isinstance(value, BaseModel):
            yield from _sources(value)


async def read_secrets(env: Environment, cluster: Cluster, kept: tuple[str, ...], own: str = "") -> SecretValues:
    """All values that the spec refers to; the `kept` passphrases serve where the Secret is gone or changed.

    `own` is the passphrase where the spec names none. Raises ClusterError.
    """
    found = {name: await _secret(env, name, cluster, kept) for name in sorted(referenced_names(env))}
    missing: list[str] = []

    def value(ref: SecretKeyRef) -> str | None:
        data = found[ref.name]
        if data is None:
            missing.append(f"Secret {ref.name} does not exist in namespace {env.namespace}")
        elif ref.key not in data:
            missing.append(f"Secret {ref.name} in namespace {env.namespace} has no key {ref.key} that holds text")
        return (data or {}).get(ref.key)

    ref = env.spec.state.secrets.passphrase_secret_ref
    live = value(ref) if ref else own
    if live is None and kept:
        missing.clear()
    passphrases = tuple(dict.fromkeys(text.rstrip("\n") for text in (*([live] if live is not None else []), *kept)))
    told = (f"the one in Secret {ref.name}",) if ref and live is not None else ()
    layers = {
        layer: {name: text for name, ref in refs.items() if (text := value(ref)) is not None}
        for layer, refs in references(env).items()
    }
    return SecretValues(
        passphrases[0] if passphrases else None,
        passphrases[1:],
        (*told, *_kept_words(len(passphrases) - len(told))) if kept else told,
        layers,
        tuple(dict.fromkeys(missing)),
    )


def _kept_words(number: int) -> tuple[str, ...]:
    words = ("the one kept from a successful run", f"{number - 1} more that runs were given")
    return words[: min(number, 2)] if number > 0 else ()


async def _secret(env: Environment, name: str, cluster: Cluster, kept: tuple[str, ...]) -> Mapping[str, str] | None:
    """One Secret, or None; in a namespace that goes the right to read it may be gone first, and `kept` will do."""
    try:
        return await cluster.secret(env.namespace, name)
    except ClusterError:
        if not kept:
            raise
        return None
