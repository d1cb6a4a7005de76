"""What is applied before the operator starts, and when a process counts as alive."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from tradai_control_plane import setup
from tradai_control_plane.__main__ import main
from tradai_control_plane.alive import alive
from tradai_control_plane.base import StepError
from tradai_control_plane.keys import MAKERS, Subject, sign

ROOT = Path(__file__).parents[3]


def shipped(folder: Path) -> Path:
    operator = ROOT / "operator" / "tradai_operator"
    for path in (
        ROOT / "crds" / "tradai.io_admission.yaml",
        *(operator / f"rbac{each}.yaml" for each in ("", "-definition")),
    ):
        (folder / path.name).write_text(path.read_text())
    return folder


def test_the_namespace_comes_before_whatever_is_in_it(tmp_path: Path) -> None:
    found = list(setup.manifests(shipped(tmp_path)))
    assert [each["kind"] for each in found[:2]] == ["Namespace", "ServiceAccount"]


def test_every_kind_that_is_shipped_has_a_path(tmp_path: Path) -> None:
    paths = [setup.path_of(each) for each in setup.manifests(shipped(tmp_path))]
    assert "/api/v1/namespaces/tradai-system/serviceaccounts/tradai-operator" in paths
    assert "/apis/rbac.authorization.k8s.io/v1/clusterroles/tradai-operator" in paths
    assert len(set(paths)) == len(paths)


def test_a_kind_that_it_does_not_know_is_named() -> None:
    with pytest.raises(StepError, match="Pod x is of no kind"):
        setup.path_of({"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "x"}})


def test_an_image_without_manifests_is_not_whole(tmp_path: Path) -> None:
    with pytest.raises(StepError, match="the image is not whole"):
        list(setup.manifests(tmp_path))


def test_the_definition_is_the_operators_to_keep() -> None:
    (definition,) = yaml.safe_load_all((ROOT / "crds" / "tradai.io_tradaienvironments.yaml").read_text())
    with pytest.raises(StepError, match="is of no kind that the setup applies"):
        setup.path_of(definition)


def test_certificates_that_soon_end_are_an_end(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    signed = sign(MAKERS.authority(now), Subject(user="x", names=("localhost",)), now, timedelta(days=29))
    (tmp_path / "server.crt").write_text(signed.certificate)
    with pytest.raises(StepError, match="this task is to be replaced"):
        alive("kube-apiserver", tmp_path)


def test_a_process_that_nobody_knows_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["alive", "etcd"]) == 1
    assert "no process is called etcd: there are kine" in capsys.readouterr().err
