"""Images on the real API server, engine and AWS endpoint: compute waits for them, goes on, follows new ones."""

from collections.abc import Callable
from typing import Any

from tests.e2e.environment import Deployed, condition, example


def layer(sandbox: Deployed, name: str) -> dict[str, Any]:
    return next((found for found in sandbox.status("dev").get("layers", []) if found["name"] == name), {})


def test_compute_waits_for_images_and_follows_them(new_sandbox: Callable[[], Deployed]) -> None:
    sandbox = new_sandbox()
    sandbox.apply(example("dev"))
    status = sandbox.until(
        "compute to ask for images",
        lambda: (found := sandbox.status("dev")).get("phase") == "WaitingForImages" and found,
    )
    assert condition(status, "Ready") == condition(status, "Preflight") == "False"
    assert "tradai/backtest-consumer-dev:latest" in status["message"]
    assert "`just lambda-bootstrap dev` and `just service-push-all dev`" in status["message"]
    assert layer(sandbox, "compute")["state"] == layer(sandbox, "edge")["state"] == "Blocked"
    assert not [name for name, _ in sandbox.runs() if name in {"compute", "edge"}]

    listed = sandbox.tradai("images", "list", "dev")
    assert listed.count("MISSING") == 23
    assert "17 of 17 images" in sandbox.push_images("dev", "--kind", "lambda")
    status = sandbox.until(
        "compute to ask for services alone",
        lambda: "backtest-consumer" not in (found := sandbox.status("dev"))["message"] and found,
    )
    assert "tradai/backend-dev:latest" in status["message"]
    assert "lambda-bootstrap" not in status["message"]

    pushed = sandbox.push_images("dev", "--kind", "service")
    status = sandbox.ready("dev")
    assert condition(status, "Preflight") == "True"
    digests = layer(sandbox, "compute")["images"]
    assert len(digests) == 23
    assert all(digest in pushed for name, digest in digests.items() if name in {"backend", "mlflow"})
    assert len(sandbox.told("dev", "ImagesMissing")) == len(sandbox.told("dev", "ImagesFound")) == 1

    runs = sandbox.runs()
    sandbox.push_images("dev", "--kind", "service", "--content", "another")
    sandbox.tradai("retry", "dev")
    sandbox.until("the new images to be deployed", lambda: layer(sandbox, "compute")["images"] != digests)
    sandbox.ready("dev")
    assert layer(sandbox, "compute")["images"]["backend"] != digests["backend"]
    assert layer(sandbox, "compute")["images"]["health-check"] == digests["health-check"]
    ran = [name for name, _ in sandbox.runs()[len(runs) :]]
    assert ran.count("compute") == 1
    assert not {"persistent", "foundation"} & set(ran)
