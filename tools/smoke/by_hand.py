"""The life that is recorded: an environment of its own, built, read, changed and taken down by hand.

By hand, since the engine must find the recording plug-in, and the operator's engines run where the operator does;
runner, plug-in, role and state are the same. Must never touch an environment that stands already, or one whose data is
protected.
"""

from typing import Any, Final

from tools.smoke.account import Account, SmokeError, expect
from tools.smoke.steps import Step, same_account
from tradai_iac.blueprint import Blueprint, no_images
from tradai_iac.blueprints import BLUEPRINTS, DEFAULT


def blueprint_of(account: Account) -> Blueprint:
    """The system that the manifest names."""
    spec: dict[str, Any] = account.body["spec"]
    return BLUEPRINTS[str(spec.get("blueprint", DEFAULT))]


def _free(account: Account) -> None:
    if account.environment in blueprint_of(account).protected:
        raise SmokeError(f"the data of {account.environment} is protected: record an environment that may go, as dev")
    account.say(f"account {same_account(account)} and state bucket {account.state_bucket} are there")
    expect("what stands of it already", found=_standing(account), wanted=[])


def _standing(account: Account) -> list[str]:
    """Without the bucket and the key of the state, which outlive every environment."""
    return [arn for arn in account.standing() if arn != f"arn:aws:s3:::{account.state_bucket}" and ":kms:" not in arn]


def _built(account: Account) -> None:
    for layer in blueprint_of(account).layers:
        if layer.images is not no_images:
            account.run("tradai", "images", "push", account.environment, "--file", str(account.manifest))
        _infra(account, "up", layer.name)


def _read(account: Account) -> None:
    for layer in blueprint_of(account).layers:
        _infra(account, "refresh", layer.name)


def _changed(account: Account) -> None:
    if account.changed is None:
        account.say("no --then was given: nothing is changed, and what updates call is not recorded")
        return
    for layer in blueprint_of(account).layers:
        _infra(account, "up", layer.name, file=str(account.changed))


def _gone(account: Account) -> None:
    for layer in reversed(blueprint_of(account).layers):
        _infra(account, "down", layer.name, "--yes")
    expect("what stands", found=_standing(account), wanted=[])


def _infra(account: Account, word: str, layer: str, *words: str, file: str = "") -> None:
    manifest = file or str(account.manifest)
    account.run("tradai", "infra", word, layer, account.environment, "--file", manifest, *words)


RECORDED: Final = (
    Step(
        "free",
        "that account and state bucket are the manifest's, and nothing of the environment stands",
        "nothing",
        "nothing to go back from",
        _free,
    ),
    Step(
        "built by hand",
        "what creating each type calls; one resource at a time, so that each call is known by its resource",
        "three hours perhaps, which nobody has measured; from then on what `built` costs",
        "the step `gone by hand`",
        _built,
    ),
    Step("read by hand", "what reading each type calls", "30 minutes", "nothing to go back from", _read),
    Step(
        "changed by hand",
        "what updating calls, for what the manifest of `--then` has otherwise",
        "as much as the change",
        "the step `gone by hand`",
        _changed,
    ),
    Step(
        "gone by hand",
        "what deleting each type calls, data included; nothing of the environment is left",
        "two hours perhaps",
        "there is none: buckets, tables, users and images are gone",
        _gone,
    ),
)
