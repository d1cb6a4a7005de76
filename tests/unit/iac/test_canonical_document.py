"""docs/CANONICAL-CONFIG.md, held against the numbers that people know by heart."""

import re
from itertools import groupby
from pathlib import Path

import pytest

from tradai_blueprints.tradai.config import document, settings_for
from tradai_blueprints.tradai.config.document.markdown import table
from tradai_blueprints.tradai.config.environments import Stage

#: Without what is counted over the rendered stacks, so that collecting this module takes no time.
TEXT = document.render(counted=False)
LINES = TEXT.splitlines()
SETTINGS = settings_for("dev")

HEADINGS = (
    "## 1. Network Configuration",
    "### 1.1 VPC",
    "### 1.2 Subnets",
    "### 1.3 Route Tables",
    "### 1.4 NAT Instance High Availability",
    "## 2. Service Configuration",
    "### 2.1 Service Ports",
    "### 2.2 ECS Task Definitions",
    "### 2.3 Service Discovery",
    "### 2.4 Backtest Execution Modes",
    "### 2.5 Strategy Container Environment Variables",
    "## 3. Storage Configuration",
    "### 3.1 S3 Buckets",
    "### 3.2 DynamoDB Tables",
    "### 3.3 RDS Configuration",
    "## 4. Security Configuration",
    "### 4.1 Security Groups",
    "#### ALB Security Group (`tradai-alb-sg-{env}`)",
    "#### ECS Security Group (`tradai-ecs-sg-{env}`)",
    "#### Lambda Security Group (`tradai-lambda-sg-{env}`)",
    "#### RDS Security Group (`tradai-rds-sg-{env}`)",
    "#### NAT Security Group (`tradai-nat-sg-{env}`)",
    "### 4.2 Cognito Configuration",
    "### 4.3 WAF Configuration",
    "## 5. API Gateway Configuration",
    "### 5.1 Routes",
    "### 5.2 Throttling",
    "## 6. SQS Configuration",
    "### 6.1 Backtest Queue",
    "### 6.2 Dead Letter Queue",
    "## 7. Lambda Functions",
    "## 8. Secrets Manager",
    "## 9. Naming Conventions",
    "### 9.1 Resource Naming Pattern",
    "### 9.2 Tag Requirements",
    "## 10. Environment Differences",
    "## 11. Validation Checklist",
    "## Changelog",
    "## Dependencies",
)

#: Rows as a person reads them in the document, written here by hand.
ROWS = (
    "| VPC CIDR | `10.0.0.0/16` | 65,536 IPs |",
    "| Availability Zones | eu-central-1a, eu-central-1b | 2 AZs for HA |",
    "| Private-2 | eu-central-1b | `10.0.12.0/24` | Private RT | ECS Tasks, Lambda |",
    "| Database RT | Local only (no internet) | Database-1, Database-2 |",
    "| ASG | min=1, max=1, desired=1 | Single instance for cost optimization |",
    "| MLflow | 5000 | `/mlflow/` | HTTP | `/mlflow`, `/mlflow/*` |",
    "| backend-api | 512 | 1024 MB | 1 (dev, staging), 2 (prod) | FARGATE |",
    "| dry-run-trading | 1024 | 2048 MB | 0 (on-demand) | FARGATE_SPOT |",
    "| Dry-Run Trading | `dry-run-trading.tradai-{env}.local` | 8005 | `tradai-{env}.local` |",
    "| `MLFLOW_TRACKING_URI` | MLflow endpoint | `http://mlflow.tradai-{env}.local:5000/mlflow` |",
    "| `tradai-results-{env}` | Backtest results, reports | Enabled | SSE-S3 | Glacier after 30d |",
    "| `tradai-logs-{env}` | ALB logs, CloudTrail, audit | Disabled | SSE-S3 | Delete after 90d |",
    "| 8 | `tradai-rollback-state-{env}` | `model_name` (S) | -- | -- | -- (none) "
    "| Model rollback tracking (no TTL for audit) |",
    "| Instance Class | db.t4g.micro | db.t4g.micro | db.t4g.small |",
    "| Storage | 20 GB gp3 | 20 GB gp3 | 50 GB gp3 |",
    "| Multi-AZ | false | false | true |",
    "| Egress | 8000-8003 | TCP | ECS SG | To services |",
    "| Ingress | 0-65535 | TCP | `10.0.11.0/24` | From Private-1 |",
    "| MFA | Required (TOTP) |",
    "| Password Requirements | Upper, Lower, Number, Symbol |",
    "| RateLimitRule | 1 | Block | 100/5min per IP |",
    "| POST | `/api/v1/backtests` | SQS Direct Integration | Yes |",
    "| GET | `/api/v1/health` | VPC Link -> ALB | No |",
    "| Per-Route Override | `POST /api/v1/backtests`: 10 req/sec |",
    "| Visibility Timeout | 900 (15 minutes) |",
    "| Message Retention | 1209600 (14 days) |",
    "| `tradai-drift-monitor-{env}` | Python 3.11 | 512 MB | 120s | Yes | EventBridge (12 hours) |",
    "| `tradai/binance-api-{env}` | Binance API key/secret | Manual |",
    "| Environment | Yes | `dev`, `staging`, `prod` |",
    "| Compute Mode | Consolidated EC2 (t3.small) | Consolidated EC2 (t3.small) | ECS Fargate |",
    "| Log Retention | 30 days | 30 days | 90 days |",
    "| WAF | Optional | Yes | Yes |",
)


def section(heading: str) -> list[str]:
    """The lines from a heading to the next of any level."""
    rest = LINES[LINES.index(heading) + 1 :]
    end = next((number for number, line in enumerate(rest) if line.startswith("#")), len(rest))
    return rest[:end]


def cells(heading: str, column: int) -> list[str]:
    """A column of the first table under a heading, without its header."""
    rows = [line for line in section(heading) if line.startswith("|")]
    return [row.strip("| ").split(" | ")[column].strip("`") for row in rows[2:]]


def test_the_file_is_what_the_configuration_says() -> None:
    assert document.main(["--check"]) == 0


def test_the_check_fails_with_a_sentence_where_the_file_differs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "CANONICAL-CONFIG.md"
    assert document.main(["--check"], file) == 1
    file.write_text(document.render().replace("10.0.0.0/16", "10.1.0.0/16"), encoding="utf-8")
    assert document.main(["--check"], file) == 1
    assert "CANONICAL-CONFIG.md is not what the configuration says" in capsys.readouterr().err


def test_writing_brings_the_file_in_sync(tmp_path: Path) -> None:
    file = tmp_path / "CANONICAL-CONFIG.md"
    assert document.main([], file) == 0
    assert document.main(["--check"], file) == 0


def test_its_first_line_says_that_it_is_generated_and_from_what() -> None:
    assert LINES[0].startswith("<!-- Generated from iac/tradai_blueprints/tradai/config")


@pytest.mark.parametrize("heading", HEADINGS)
def test_every_section_has_its_heading_once(heading: str) -> None:
    assert LINES.count(heading) == 1


def test_the_headings_stand_in_their_order() -> None:
    assert [line for line in LINES if line in HEADINGS] == list(HEADINGS)


@pytest.mark.parametrize("row", ROWS)
def test_the_document_shows_the_value(row: str) -> None:
    assert row in LINES


def test_all_twelve_tables_appear_in_their_order() -> None:
    shown = cells("### 3.2 DynamoDB Tables", 1)
    assert shown == [f"tradai-{table.name}-{{env}}" for table in SETTINGS.storage.tables]
    assert len(shown) == 12


def test_all_indexes_of_the_tables_appear() -> None:
    shown = cells("### 3.2 DynamoDB Tables", 4)
    assert [re.findall(r"([\w-]+-index)", cell) for cell in shown] == [
        [index.name for index in table.indexes] for table in SETTINGS.storage.tables
    ]


def test_all_eighteen_functions_appear_in_their_order() -> None:
    shown = cells("## 7. Lambda Functions", 0)
    assert shown == [f"tradai-{function.name}-{{env}}" for function in SETTINGS.lambdas]
    assert len(shown) == 18


def test_all_twenty_one_routes_appear_in_their_order() -> None:
    methods, paths = cells("### 5.1 Routes", 0), cells("### 5.1 Routes", 1)
    assert list(zip(methods, paths, strict=True)) == [(route.method, route.path) for route in SETTINGS.api.routes]
    assert len(paths) == 21


def test_every_difference_between_environments_has_a_row() -> None:
    assert len(cells("## 10. Environment Differences", 0)) == len(Stage.model_fields)


def test_every_security_rule_appears_once() -> None:
    rows = sum(line.startswith(("| Ingress | ", "| Egress | ")) for line in LINES)
    assert rows == len(SETTINGS.security.rules)


def test_every_row_has_as_many_cells_as_its_header() -> None:
    tables = [list(rows) for is_row, rows in groupby(LINES, lambda line: line.startswith("|")) if is_row]
    assert len(tables) > 30
    for rows in tables:
        counts = {len(re.findall(r"(?<!\\)\|", row)) for row in rows}
        assert len(counts) == 1, rows[0]
        assert set(rows[1]) <= set("|- "), rows[0]


def test_a_row_that_does_not_fit_its_header_is_refused() -> None:
    with pytest.raises(ValueError, match="a row of 1 cells under a header of 2"):
        table(("Parameter", "Value"), [("alone",)])


def test_a_bar_within_a_cell_opens_no_new_cell() -> None:
    assert table(("A",), [("x|y",)]).splitlines()[-1] == "| x\\|y |"


def test_every_rule_beyond_section_4_1_is_listed_with_its_reason() -> None:
    reasons = [line.rsplit(" | ", 1)[-1].removesuffix(" |") for line in LINES if " SG | Ingress | " in line]
    reasons += [line.rsplit(" | ", 1)[-1].removesuffix(" |") for line in LINES if " SG | Egress | " in line]
    security = SETTINGS.security
    every = security.rules + security.task_rules + security.consolidated_rules
    assert sorted(reasons) == sorted(rule.reason for rule in every if rule.reason)


def test_the_quotas_that_three_environments_exceed_are_said() -> None:
    text = document.FILE.read_text(encoding="utf-8")
    assert "| VPC | VPCs | `L-F678F1CE` | 1 | 1 | 1 | 3 | 5 | Yes |" in text
    assert "| EC2 | vCPUs of On-Demand Standard instances | `L-1216C47A` | 4 | 4 | 2 | 10 | 5 | No |" in text


def test_no_name_is_shortened() -> None:
    assert not re.search(r"tradai-[a-z0-9-]+-\{env?[^}]*-[0-9a-f]{6}", TEXT)
