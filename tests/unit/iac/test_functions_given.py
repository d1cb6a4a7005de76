"""What tests of functions are told of their roles and variables is what the stacks give them."""

from tests.unit.iac.functions_given import FILE, given, rendered


def test_the_file_is_what_the_compute_layer_renders() -> None:
    assert FILE.read_text() == rendered(), "python -m tests.unit.iac.functions_given"


def test_update_status_may_read_and_change_jobs_and_nothing_else() -> None:
    assert given()["update-status"] == {
        "rights": ["dynamodb:GetItem workflow-state", "dynamodb:UpdateItem workflow-state"],
        "variables": ["ENVIRONMENT", "WORKFLOW_STATE_TABLE"],
    }


def test_what_running_a_function_takes_is_no_right_of_its_code() -> None:
    rights = {right for each in given().values() for right in each["rights"]}
    assert {right.split(":")[0] for right in rights} & {"logs", "xray", "ec2"} == set()
    assert not [right for right in rights if "ReceiveMessage" in right]
