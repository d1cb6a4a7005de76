"""Functions whose code goes in inline: their sources are in the operator's image, and those of no other function."""

from pathlib import Path

from tests.unit.iac.whole_graph import of_type
from tradai_iac.images.dockerfile import read

DOCKERFILE = Path(__file__).parents[3] / "operator" / "Dockerfile"


def test_the_operators_image_has_the_sources_of_these_and_of_no_other() -> None:
    packages = {
        path.partition("/")[0]
        for placed in of_type("dev", "aws:lambda/function:Function")
        for path in getattr(placed.resource.inputs.get("code"), "assets", ())
    }
    assert packages
    copied = [row.rest.split() for row in read(DOCKERFILE.read_text()).stage("packages").instructions]
    assert sorted(row for row in copied if row[0].startswith("lambdas")) == [
        [f"lambdas/{package}", f"lambdas/{package}"] for package in sorted(packages)
    ]
