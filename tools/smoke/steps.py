"""The steps of the first day, a row each: what it shows, what it costs, how to go back, and what is done.

Adding a step is adding a row. Must never change anything beside the environment of the manifest.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from tools.smoke.account import Account, SmokeError, condition, expect

#: What stands is named in ARNs by these services where it is the persistent layer's.
_KEEPS: Final = ("s3", "dynamodb", "ecr", "cognito-idp", "codeartifact", "cloudtrail", "kms", "logs", "iam")


@dataclass(frozen=True)
class Step:
    """`shows` is why it is done, `costs` what stands or is used because of it, `back` the way back."""

    name: str
    shows: str
    costs: str
    back: str
    play: Callable[[Account], None]


def _prepared(account: Account) -> None:
    found = same_account(account)
    opener = _opener(account, account.body["spec"]["state"]["secrets"])
    account.say(f"account {found}, state bucket {account.state_bucket} and {opener} are there")


def same_account(account: Account) -> str:
    """The caller's account, which is the manifest's and has the state bucket."""
    found = str(account.client("sts").get_caller_identity()["Account"])
    expect("the caller's account", found=found, wanted=account.body["spec"]["aws"]["accountId"])
    account.client("s3").head_bucket(Bucket=account.state_bucket)
    return found


def _opener(account: Account, secrets: dict[str, Any]) -> str:
    """What opens the state, once it was looked at."""
    if key := secrets.get("awskms"):
        told = account.client("kms").describe_key(KeyId=key)["KeyMetadata"]
        expect("the state's key", found=told["KeyState"], wanted="Enabled")
        return "the key of the state"
    account.kubectl("get", "secret", secrets["passphraseSecretRef"]["name"], "-o", "name")
    return "the passphrase's Secret"


def _built(account: Account) -> None:
    account.apply()
    account.until("repositories, or Ready", lambda: _wants_images(account) or _is_ready(account))
    if not _is_ready(account):
        _push(account)
    status = account.ready()
    layers = {layer["name"]: layer["state"] for layer in status["layers"]}
    expect("the layers", found=set(layers.values()), wanted={"Ready"})
    account.say(f"{len(layers)} layers are Ready, with {sum(_counts(status, 'total').values())} resources")


def _unchanged(account: Account) -> None:
    account.run("tradai", "reconcile", account.name)
    account.until("every layer to run again", lambda: _ran_again(account))
    status = account.ready()
    for what in ("created", "updated", "deleted"):
        expect(f"resources {what} by a run without a change", found=sum(_counts(status, what).values()), wanted=0)


def _new_image(account: Account) -> None:
    before = _images(account)
    _push(account, "--content", "another", "--kind", "service")
    account.run("tradai", "retry", account.name)
    account.until("another image to be deployed", lambda: _images(account) != before and _is_ready(account))
    expect("the components that have images", found=set(_images(account)), wanted=set(before))


def _drifted(account: Account) -> None:
    queue = next(arn for arn in account.standing() if ":sqs:" in arn and "dlq" not in arn)
    url = account.client("sqs").get_queue_url(QueueName=queue.rpartition(":")[2])["QueueUrl"]
    account.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "1"})
    said = account.run("tradai", "drift", account.name, "--now", good=(2,))
    if "visibilityTimeoutSeconds" not in said:
        raise SmokeError(f"a queue was changed by hand, and the look for drift says: {said}")
    account.run("tradai", "reconcile", account.name, "foundation")
    account.until("the layer to run again", lambda: _ran_again(account))
    account.ready()
    account.run("tradai", "drift", account.name, "--now")


def _deleted(account: Account) -> None:
    _gone(account, "All", "instance/database")
    left = {arn.split(":")[2] for arn in account.standing()}
    expect("services of what stands beside the persistent layer's", found=left - set(_KEEPS), wanted=set())


def _deleted_all(account: Account) -> None:
    _built(account)
    _gone(account, "Everything", account.environment)
    states = f"arn:aws:s3:::{account.state_bucket}"  # outlives every environment (docs/TEARDOWN.md)
    expect("what stands", found=account.standing(), wanted=[states])


def _gone(account: Account, policy: str, word: str) -> None:
    """Deletes with that policy, and says the word that gives data up."""
    account.apply(deletionPolicy=policy)
    account.annotate("tradai.io/lower-guards", f"deletionPolicy={policy}")
    account.until(f"deletionPolicy {policy} to hold", lambda: _holds(account))
    account.annotate("tradai.io/confirm-destroy", word)
    account.kubectl("delete", "tradaienv", account.name, "--wait=false")
    account.until("it to be gone", lambda: account.resource() is None)


def _holds(account: Account) -> bool:
    """Whether the operator has taken the spec up: it waits for nobody's word about its guards."""
    status = account.status()
    return bool(status) and condition(status, "GuardsKept") != "True"


def _push(account: Account, *options: str) -> None:
    account.run("tradai", "images", "push", account.environment, "--file", str(account.manifest), *options)


def _wants_images(account: Account) -> bool:
    return condition(account.status(), "Preflight") == "False"


def _is_ready(account: Account) -> bool:
    return condition(account.status(), "Ready") == "True"


def _ran_again(account: Account) -> bool:
    """Whether nothing is left that was asked for."""
    layers = account.status().get("layers", [])
    return bool(layers) and not any(layer.get("reconcile") or layer.get("run") for layer in layers)


def _counts(status: dict[str, Any], what: str) -> dict[str, int]:
    return {layer["name"]: int(layer.get("resources", {}).get(what, 0)) for layer in status["layers"]}


def _images(account: Account) -> dict[str, str]:
    found: dict[str, str] = {}
    for layer in account.status().get("layers", []):
        found |= layer.get("images", {})
    return found


STEPS: Final = (
    Step(
        "prepared",
        "that account, state bucket and what opens the state are what the manifest says",
        "nothing",
        "delete the state bucket and the role that the bootstrap script made",
        _prepared,
    ),
    Step(
        "built",
        "every type of the four layers is made by the official provider under the deploy role",
        "25 to 40 minutes; from then on about 3 USD a day (NAT, interface endpoints, database, instance)",
        "the step `deleted`",
        _built,
    ),
    Step(
        "unchanged",
        "a second run changes nothing: what the programs declare is what AWS gives back",
        "5 minutes",
        "nothing to go back from",
        _unchanged,
    ),
    Step("new image", "a new digest is rolled out, and waited for", "10 minutes", "push the image before", _new_image),
    Step("drift", "what somebody changes by hand is found and put back", "5 minutes", "it is put back", _drifted),
    Step(
        "deleted",
        "the layers go in their order, the database with the word that gives it up, data stays",
        "30 to 60 minutes, most of it for functions' interfaces; afterwards cents a day",
        "apply the manifest again: persistent is taken over as it stands",
        _deleted,
    ),
    Step(
        "deleted with its data",
        "nothing of the environment is left",
        "60 minutes: it is built once more first",
        "there is none: buckets, tables, users and images are gone",
        _deleted_all,
    ),
)
