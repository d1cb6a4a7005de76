"""The look-up of a machine image: which one of several it takes, and what it tells of it."""

from typing import Any

import pytest

from tradai_sandbox.provider.cloud import Cloud
from tradai_sandbox.provider.failures import ProviderError
from tradai_sandbox.provider.settings import settings_from
from tradai_sandbox.provider.table import invokes

LOOK_UP = invokes()["aws:ec2/getAmi:getAmi"]


def image(name: str, created: str) -> dict[str, Any]:
    volume = {"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": f"snap-{name}", "Encrypted": False, "VolumeSize": 8}}
    return {
        "ImageId": f"ami-{name}",
        "Name": name,
        "CreationDate": created,
        "RootDeviceName": "/dev/xvda",
        "BlockDeviceMappings": [volume],
        "Tags": [{"Key": "a", "Value": "b"}],
    }


def look_up(monkeypatch: pytest.MonkeyPatch, *images: dict[str, Any], **args: Any) -> Any:
    """What is found among `images`, and what AWS was asked."""
    asked: dict[str, Any] = {}

    def call(_: Cloud, service: str, operation: str, region: str, **params: Any) -> dict[str, Any]:
        asked.update(params, operation=f"{service} {operation}", region=region)
        return {"Images": list(images)}

    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setattr(Cloud, "call", call)
    return LOOK_UP(Cloud(settings_from({"region": "eu-central-1"})), args), asked


def test_the_newest_image_is_taken_whatever_the_order(monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = image("z", "2026-01-01T00:00:00.000Z"), image("a", "2026-02-01T00:00:00.000Z")
    for images in ((old, new), (new, old)):
        found, _ = look_up(monkeypatch, *images, mostRecent=True)
        assert found["id"] == "ami-a"


def test_among_equally_new_images_the_name_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    found, _ = look_up(monkeypatch, image("b", "x"), image("c", "x"), image("a", "x"), mostRecent=True)
    assert found["name"] == "c"


def test_a_pattern_narrows_what_the_filters_left(monkeypatch: pytest.MonkeyPatch) -> None:
    found, _ = look_up(monkeypatch, image("one", "x"), image("two", "y"), nameRegex="^o")
    assert found["id"] == "ami-one"


@pytest.mark.parametrize(("count", "said"), [(0, "no image fits"), (2, "2 images fit")])
def test_what_is_not_clear_is_an_error(monkeypatch: pytest.MonkeyPatch, count: int, said: str) -> None:
    with pytest.raises(ProviderError, match=said):
        look_up(monkeypatch, *[image(str(number), "x") for number in range(count)])


def test_aws_is_asked_by_owners_filters_and_tags(monkeypatch: pytest.MonkeyPatch) -> None:
    filters = [{"name": "architecture", "values": ["arm64"]}]
    _, asked = look_up(
        monkeypatch, image("a", "x"), owners=["amazon"], filters=filters, tags={"k": "v"}, region="us-east-1"
    )
    assert asked == {
        "operation": "ec2 DescribeImages",
        "region": "us-east-1",
        "Owners": ["amazon"],
        "Filters": [{"Name": "architecture", "Values": ["arm64"]}, {"Name": "tag:k", "Values": ["v"]}],
    }


def test_an_image_is_told_in_the_names_and_kinds_of_pulumi(monkeypatch: pytest.MonkeyPatch) -> None:
    found, _ = look_up(monkeypatch, image("a", "x"))
    assert found["arn"] == "arn:aws:ec2:eu-central-1::image/ami-a"
    assert found["rootSnapshotId"] == "snap-a"
    assert found["tags"] == {"a": "b"}
    (volume,) = found["blockDeviceMappings"]
    assert volume["ebs"] == {"snapshotId": "snap-a", "encrypted": "false", "volumeSize": "8"}
