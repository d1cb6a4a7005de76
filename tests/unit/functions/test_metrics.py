"""A metric as CloudWatch takes it out of the log: namespace, dimension and value."""

import json

import pytest

from shared.deployed import DEPLOYED
from shared.entry import count


def test_a_value_is_written_at_once_with_namespace_and_dimension(capsys: pytest.CaptureFixture[str]) -> None:
    names = DEPLOYED.metrics
    count("dev", names.stale_heartbeats, 0)
    said = json.loads(capsys.readouterr().out)
    (directive,) = said["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == names.namespace
    assert directive["Dimensions"] == [[names.dimension]]
    assert [metric["Name"] for metric in directive["Metrics"]] == [names.stale_heartbeats]
    assert (said[names.dimension], said[names.stale_heartbeats]) == ("dev", [0.0])
