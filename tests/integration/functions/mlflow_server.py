"""A real MLflow server, as the service has it: behind a prefix and a login, told which hosts may ask; no telemetry.

Must never run in the functions' own environment: MLflow's packages are a world of their own (services/mlflow).
"""

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import urllib3

ROOT = Path(__file__).resolve().parents[3]


@dataclass
class MLflowServer:
    """A real MLflow behind its prefix and a login, as the service has it; tests tell models apart by their names."""

    base: str
    username: str = "tradai"
    password: str = "of-this-test-alone"

    def deploy(self, deployed: Any, password: str = "") -> str:
        """Its variables and the secret of its login for a function; gives the secret's ARN."""
        login = json.dumps({"username": self.username, "password": password or self.password})
        made = deployed("secretsmanager").create_secret(Name=f"mlflow-{deployed.mark}", SecretString=login)
        deployed.set(MLFLOW_TRACKING_URI=self.base, MLFLOW_CREDENTIALS_SECRET_ARN=made["ARN"])
        return str(made["ARN"])

    def __call__(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        """A call by somebody else than a function: the training task, people."""
        headers = urllib3.make_headers(basic_auth=f"{self.username}:{self.password}")
        reply = urllib3.request(method, f"{self.base}/api/2.0/mlflow/{path}", json=body, headers=headers, timeout=60)
        assert reply.status == 200, reply.data
        return dict(reply.json())

    def ask(self, path: str, **query: str) -> dict[str, Any]:
        """A question of somebody else."""
        headers = urllib3.make_headers(basic_auth=f"{self.username}:{self.password}")
        reply = urllib3.request("GET", f"{self.base}/api/2.0/mlflow/{path}", fields=query, headers=headers, timeout=60)
        assert reply.status == 200, reply.data
        return dict(reply.json())

    def train(self, model: str, job_id: str, *, returns: Mapping[str, Mapping[int, float]], **more: Any) -> str:
        """Register a version as a training task does; `returns`: metric → step → value; gives its number."""
        metrics, tags = more.get("metrics", {}), more.get("tags", {})
        run = self("POST", "runs/create", experiment_id="0")["run"]["info"]["run_id"]
        points = [(key, at, value) for key, values in returns.items() for at, value in values.items()]
        points += [(key, 0, value) for key, value in metrics.items()]
        logged = [{"key": key, "step": at, "value": value, "timestamp": at} for key, at, value in points]
        told = [{"key": key, "value": value} for key, value in tags.items()]
        self("POST", "runs/log-batch", run_id=run, metrics=logged, tags=told)
        job = [{"key": "job_id", "value": job_id}]
        made = self("POST", "model-versions/create", name=model, source=f"runs:/{run}/model", run_id=run, tags=job)
        return str(made["model_version"]["version"])


@contextmanager
def serving(folder: Path) -> Iterator[MLflowServer]:
    """MLflow in its own environment, with its stores in a folder."""
    make = [str(ROOT / ".venv" / "bin" / "python"), "-m", "tools.bootstrap", "--world", "services/mlflow"]
    subprocess.run(make, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    server = MLflowServer(f"http://{address}/mlflow")
    (folder / "login.ini").write_text(
        f"[mlflow]\nauth_cache_ttl_seconds = 600\ndefault_permission = READ\ndatabase_uri = sqlite:///{folder}/login.db\n"
        f"admin_username = {server.username}\nadmin_password = {server.password}\n"
    )
    command = [str(ROOT / "services/mlflow/.venv/bin/python"), "-m", "mlflow", "server", "--workers", "1"]
    command += ["--host", "127.0.0.1", "--port", address.partition(":")[2], "--allowed-hosts", address]
    command += ["--static-prefix", "/mlflow", "--app-name", "basic-auth", "--backend-store-uri"]
    command += [f"sqlite:///{folder}/store.db", "--artifacts-destination", str(folder / "artifacts")]
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTHON", "MLFLOW_"))}
    said = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    said |= {"MLFLOW_AUTH_CONFIG_PATH": str(folder / "login.ini"), "MLFLOW_FLASK_SERVER_SECRET_KEY": "of-tests"}
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(
            command, env=bare | said, cwd=folder, stdout=log, stderr=log, start_new_session=True
        ) as process,
    ):
        try:
            _until_healthy(f"{server.base}/health", process, folder / "log")
            yield server
        finally:
            os.killpg(process.pid, signal.SIGTERM)


def _until_healthy(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + 240
    while time.monotonic() < until and process.poll() is None:
        try:
            if urllib3.request("GET", url, retries=False, timeout=5).status == 200:
                return
        except urllib3.exceptions.HTTPError:
            time.sleep(0.2)
    raise AssertionError(f"MLflow does not answer:\n{log.read_text()[-2000:]}")
