"""Canaries through a whole life: built, changed, approved, refused by AWS, killed, destroyed. Nobody tells them.

One story in one sandbox, because each step stands on the one before it. The endpoint is one that the environment names
itself, so that the rules for it are seen at work too.
"""

import base64
import json
import secrets
import threading
from collections.abc import Callable, Iterator
from typing import Any

import psutil
import pytest
import yaml

from tests.e2e.echo import Echo
from tests.e2e.environment import Deployed, example
from tests.e2e.hunt import Hunt, Processes, hidden, shown
from tests.e2e.second_look import ready_to_everybody
from tradai_operator.model.allowlist import KEY
from tradai_runner.journal.local import RunJournal

PASSPHRASE = secrets.token_hex(16)
TOKENS = [secrets.token_hex(16) for _ in range(4)]
CANARIES = Hunt(passphrase=PASSPHRASE, **{f"token{number}": token for number, token in enumerate(TOKENS)})
NAME, BUCKET = "canary", "tradai-pulumi-state-dev"


@pytest.fixture(scope="module")
def sandbox(new_sandbox: Callable[[], Deployed]) -> Deployed:
    made = new_sandbox()
    made.clients("s3").delete_bucket_lifecycle(Bucket=BUCKET)  # what has ever been written is looked through
    return made


@pytest.fixture(scope="module")
def endpoint(sandbox: Deployed) -> Iterator[Echo]:
    server = Echo(sandbox.env["AWS_ENDPOINT_URL"])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def keep(sandbox: Deployed, number: int) -> None:
    """The Secret of the environment, with the token of that number in a document, as Binance's is."""
    token = json.dumps({"key": "public", "secret": f'"{TOKENS[number]}" & more'})
    values = {"passphrase": f"{PASSPHRASE}\n", "token": token}
    data = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": NAME, "namespace": "tradai"}}
    sandbox.kubectl("apply", "--server-side", "-f", "-", stdin=json.dumps(secret | {"data": data}))


def declared(endpoint: Echo, **spec: Any) -> dict[str, Any]:
    manifest = example("sample")
    manifest["metadata"]["name"] = NAME
    manifest["spec"]["aws"]["endpointUrl"] = endpoint.url
    manifest["spec"]["state"]["secrets"]["passphraseSecretRef"] = {"name": NAME, "key": "passphrase"}
    manifest["spec"]["layers"]["work"]["config"]["secrets"] = {"token": {"secretRef": {"name": NAME, "key": "token"}}}
    manifest["spec"] |= {"approval": "Never", "deletionPolicy": "Everything"} | spec
    return manifest


def permit(sandbox: Deployed, endpoint: Echo) -> None:
    rule = {"namespaces": ["tradai"], "endpoints": [endpoint.url], "ownIdentity": True, "backends": ["s3://*"]}
    rules = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "tradai-allowlist", "namespace": "tradai-system"},
        "data": {KEY: yaml.safe_dump({"rules": [rule]})},
    }
    sandbox.apply(rules)


def uid(sandbox: Deployed) -> str:
    return str((sandbox.get(NAME) or {})["metadata"]["uid"])


def nothing_told(sandbox: Deployed, *allowed: str) -> None:
    """No canary stands anywhere but in the Secrets that may have it."""
    found = [where for where in CANARIES.through(shown(sandbox)) if not where.endswith(allowed)]
    assert found == []


def work(sandbox: Deployed) -> dict[str, Any]:
    found: dict[str, Any] = next(x for x in sandbox.status(NAME)["layers"] if x["name"] == "work")
    return found


def family(pid: int) -> list[psutil.Process]:
    """A process with all that it started, those in sessions of their own included."""
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def test_no_canary_is_told_in_a_whole_life(sandbox: Deployed, endpoint: Echo) -> None:
    keep(sandbox, 0)
    sandbox.apply(declared(endpoint))
    sandbox.until("the endpoint to be refused", lambda: sandbox.status(NAME).get("phase") == "Invalid")
    assert f"aws.endpointUrl {endpoint.url} is not permitted" in sandbox.status(NAME)["message"]
    assert endpoint.reached == 0, "not even a question was asked there"
    sandbox.kubectl("delete", "tradaienv", NAME, "-n", "tradai", "--timeout=60s")
    permit(sandbox, endpoint)
    sandbox.apply(declared(endpoint))
    with Processes(CANARIES) as processes:
        sandbox.ready(NAME)
        assert endpoint.reached > 0
        ready_to_everybody(sandbox, NAME, "store", "work")
        whole_life(sandbox, endpoint)
    assert processes.found == set()
    assert {"pulumi", "kube-apiserver"} <= processes.seen


def whole_life(sandbox: Deployed, endpoint: Echo) -> None:
    ours = (
        f"Secret tradai/{NAME}",
        f"Secret tradai/{NAME}-outputs",
        f"Secret tradai-system/tradai-capsule-{uid(sandbox)}",
    )
    built(sandbox, ours)
    changed_and_approved(sandbox, endpoint, ours)
    refused_by_aws(sandbox, endpoint, ours)
    killed_and_ready_again(sandbox, endpoint, ours)
    destroyed(sandbox)


def built(sandbox: Deployed, ours: tuple[str, ...]) -> None:
    holders = {where.partition(" in ")[2] for where in CANARIES.through(shown(sandbox))}
    assert holders == set(ours), "the canaries went their way, and nowhere else"
    assert TOKENS[0] in json.dumps(kept(sandbox)), "AWS has it"


def changed_and_approved(sandbox: Deployed, endpoint: Echo, ours: tuple[str, ...]) -> None:
    sandbox.apply(declared(endpoint, approval="Always"))
    sandbox.ready(NAME)  # a Secret is noticed sooner than a manifest is applied
    keep(sandbox, 1)
    sandbox.until("a plan", lambda: (sandbox.status(NAME).get("plan") or {}).get("digest"), 120)
    assert CANARIES.within(sandbox.tradai("diff", NAME, status=2).encode()) == []
    nothing_told(sandbox, *ours)
    sandbox.tradai("approve", NAME, sandbox.status(NAME)["plan"]["digest"])
    sandbox.ready(NAME)
    assert TOKENS[1] in json.dumps(kept(sandbox))
    nothing_told(sandbox, *ours)


def refused_by_aws(sandbox: Deployed, endpoint: Echo, ours: tuple[str, ...]) -> None:
    endpoint.refuse = True
    sandbox.apply(declared(endpoint))
    sandbox.ready(NAME)
    keep(sandbox, 2)
    sandbox.until("AWS to refuse", lambda: work(sandbox)["state"] == "Failed")
    failure = work(sandbox)["failure"]
    assert "You can't use this value: [secret]" in failure["error"], failure
    assert "[secret]" in sandbox.tradai("logs", NAME, "work")
    nothing_told(sandbox, *ours)
    endpoint.refuse = False


def killed_and_ready_again(sandbox: Deployed, endpoint: Echo, ours: tuple[str, ...]) -> None:
    killed_in_mid_run(sandbox, endpoint)
    sandbox.ready(NAME, patience=400)
    nothing_told(sandbox, *ours)
    assert TOKENS[3] in json.dumps(kept(sandbox))
    assert hidden(uid(sandbox)) == []


def destroyed(sandbox: Deployed) -> None:
    known = uid(sandbox)
    sandbox.kubectl("annotate", "tradaienv", NAME, "-n", "tradai", "tradai.io/confirm-destroy=dev")
    sandbox.kubectl("delete", "tradaienv", NAME, "-n", "tradai", "--wait=false")
    sandbox.gone(NAME)
    nothing_told(sandbox, f"Secret tradai/{NAME}", f"Secret tradai/{NAME}-outputs")
    assert not [name for name in sandbox.seen.secrets("tradai-system") if name.startswith("tradai-capsule")]
    assert hidden(known) == []


def killed_in_mid_run(sandbox: Deployed, endpoint: Echo) -> None:
    """The runner is killed while a value is on its way; what it had started ends by itself."""
    endpoint.go_on.clear()
    endpoint.stalled.clear()
    keep(sandbox, 3)
    sandbox.tradai("retry", NAME)
    sandbox.until("the value to be on its way", endpoint.stalled.is_set)
    mark = RunJournal(sandbox.layout.journal / work(sandbox)["run"]["handle"].partition("@")[0]).process()
    assert mark
    runner, *started = family(mark.pid)
    assert {"pulumi"} <= {process.name() for process in started}
    runner.kill()
    endpoint.go_on.set()
    sandbox.until("what the run had started to end", lambda: not [p for p in started if is_alive(p)], 120)


def is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def kept(sandbox: Deployed) -> Any:
    return [
        sandbox.clients("secretsmanager").get_secret_value(SecretId=found["ARN"])["SecretString"]
        for found in sandbox.clients("secretsmanager").list_secrets()["SecretList"]
    ]


#: Lines about the operator as a whole, or about what no environment is to blame for.
OF_THE_OPERATOR = {
    "operator starts", "allowlist", "watching the allowlist again", "Secrets are not watched", "leads", "stands by",
}  # fmt: skip


def test_every_line_of_the_log_is_one_document_with_the_ids_of_what_it_is_about(sandbox: Deployed) -> None:
    lines = [json.loads(line) for line in sandbox.layout.log("operator").read_text().splitlines()]
    assert all({"event", "level", "logger", "timestamp"} <= line.keys() for line in lines)
    about = [line for line in lines if line["event"] not in OF_THE_OPERATOR]
    assert {(line.get("namespace"), line.get("environment")) for line in about} == {("tradai", NAME)}
    runs = [line for line in about if line["event"].startswith("run ")]
    assert all(line["layer"] in {"store", "work"} and line["operation"] and line["run"] for line in runs)
    assert {(line["event"], line["operation"]) for line in runs} >= {("run began", "up"), ("run ended", "destroy")}
