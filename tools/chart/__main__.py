"""`python -m tools.chart [--check]`: writes what of the chart is generated, or says what is not in step."""

import sys

from tools.chart import copies, readme, schema, values
from tools.chart.place import CHART, VALUES
from tradai_operator.model.generated import write_or_check


def main(arguments: list[str]) -> int:
    """1 where anything is not as it would be written."""
    found = values.read(VALUES.read_text())
    texts = {path: render() for path, render in copies.COPIES.items()}
    texts[CHART / "values.schema.json"] = schema.render(found)
    texts[CHART / "README.md"] = readme.render(found)
    return max([write_or_check(path, text, "tools.chart", arguments) for path, text in texts.items()])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
