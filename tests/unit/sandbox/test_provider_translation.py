"""Between Pulumi's names and the API's shapes."""

from typing import Any

import botocore.session
import pytest
from botocore.model import Shape
from hypothesis import given
from hypothesis import strategies as st

from tradai_sandbox.provider.props import Prop, as_text, pairs, same_document, unpairs
from tradai_sandbox.provider.translate import TranslationError, camel, dig, from_api, plain, shape_at, to_api

SESSION = botocore.session.get_session()


def shape(service: str, operation: str) -> Shape:
    found = SESSION.get_service_model(service).operation_model(operation).input_shape
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("api", "pulumi"),
    [
        ("VpcId", "vpcId"),
        ("ARN", "arn"),
        ("KMSMasterKeyID", "kmsMasterKeyId"),
        ("DBSubnetGroupName", "dbSubnetGroupName"),
        ("S3BucketName", "s3BucketName"),
        ("CallbackURLs", "callbackUrls"),
        ("SSEAlgorithm", "sseAlgorithm"),
        ("ID", "id"),
        ("scanOnPush", "scanOnPush"),
        ("Ipv6CidrBlock", "ipv6CidrBlock"),
    ],
)
def test_api_names_become_pulumi_names(api: str, pulumi: str) -> None:
    assert camel(api) == pulumi


def test_numbers_and_truth_values_become_text_where_the_model_says_text() -> None:
    props = (Prop("delaySeconds", int, "Attributes.DelaySeconds"), Prop("fifoQueue", bool, "Attributes.FifoQueue"))
    found = to_api(props, {"delaySeconds": 5, "fifoQueue": True}, shape("sqs", "CreateQueue"))
    assert found == {"Attributes": {"DelaySeconds": "5", "FifoQueue": "true"}}


def test_text_becomes_numbers_and_truth_values_where_pulumi_says_so() -> None:
    props = (Prop("delaySeconds", int, "Attributes.DelaySeconds"), Prop("fifoQueue", bool, "Attributes.FifoQueue"))
    data = {"Attributes": {"DelaySeconds": "5", "FifoQueue": "true"}}
    assert from_api(props, data, shape("sqs", "CreateQueue")) == {"delaySeconds": 5, "fifoQueue": True}


def test_nested_objects_follow_the_model() -> None:
    rules = [{"id": "x", "status": "Enabled", "expiration": {"days": 3}, "filter": {"prefix": ""}}]
    found = to_api(
        (Prop("rules", list, "LifecycleConfiguration.Rules"),),
        {"rules": rules},
        shape("s3", "PutBucketLifecycleConfiguration"),
    )
    assert found["LifecycleConfiguration"]["Rules"] == [
        {"ID": "x", "Status": "Enabled", "Expiration": {"Days": 3}, "Filter": {"Prefix": ""}}
    ]


def test_what_the_request_has_no_place_for_is_left_to_a_step() -> None:
    assert to_api((Prop("retentionInDays", int),), {"retentionInDays": 3}, shape("logs", "CreateLogGroup")) == {}


def test_an_unknown_nested_property_is_an_error_that_names_it() -> None:
    props = (Prop("imageScanningConfiguration", dict),)
    with pytest.raises(TranslationError, match="scanOnPull"):
        to_api(props, {"imageScanningConfiguration": {"scanOnPull": 1}}, shape("ecr", "CreateRepository"))


def test_an_unknown_property_of_declared_fields_is_an_error_that_names_it() -> None:
    props = (Prop("attributes", list, "AttributeDefinitions", fields=(Prop("name", api="AttributeName"),)),)
    with pytest.raises(TranslationError, match="nmae"):
        to_api(props, {"attributes": [{"nmae": "x"}]}, shape("dynamodb", "CreateTable"))


def test_keys_of_maps_are_nobodys_to_respell() -> None:
    where = shape("lambda", "CreateFunction")
    data = {"Environment": {"Variables": {"LOG_Level": "x"}}}
    assert plain(data, where) == {"environment": {"variables": {"LOG_Level": "x"}}}


def test_a_property_that_calls_spell_differently_is_found_by_either_name() -> None:
    prop = Prop("enabled", bool, "EnableLogFileValidation|LogFileValidationEnabled")
    assert to_api((prop,), {"enabled": True}, shape("cloudtrail", "CreateTrail")) == {"EnableLogFileValidation": True}
    assert from_api((prop,), {"LogFileValidationEnabled": True}, None) == {"enabled": True}


@pytest.mark.parametrize(
    ("path", "value"), [("A[0].B", 1), ("A[1].B", None), ("A[0]", {"B": 1}), ("C.D", None), ("E.F", 2)]
)
def test_a_path_that_ends_early_digs_up_nothing(path: str, value: Any) -> None:
    assert dig({"A": [{"B": 1}], "C": None, "E": {"F": 2}}, path) == value


def test_a_path_leads_through_lists_and_maps_of_the_model() -> None:
    found = shape_at(shape("ec2", "RunInstances"), "TagSpecifications[0].Tags[0].Key")
    assert found is not None
    assert found.type_name == "string"


@given(st.dictionaries(st.text(min_size=1).filter(lambda key: not key.startswith("aws:")), st.text()))
def test_tags_survive_the_way_there_and_back(tags: dict[str, str]) -> None:
    assert unpairs(pairs(tags)) == tags


def test_tags_of_aws_itself_are_not_the_programs() -> None:
    assert unpairs([{"Key": "aws:cloudformation:stack", "Value": "x"}, {"Key": "a", "Value": "b"}]) == {"a": "b"}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ('{"Action": ["s3:Get"], "Effect": "Allow"}', '{"Effect":"Allow","Action":"s3:Get"}', True),
        ('{"Action": ["a", "b"]}', '{"Action": ["b", "a"]}', True),
        ('{"Action": "a"}', '{"Action": "b"}', False),
        ("not json", "not json", True),
        ({"Action": "a"}, '{"Action": "a"}', True),
    ],
)
def test_documents_are_compared_by_what_they_say(one: Any, other: str, same: bool) -> None:
    assert same_document(one, other) is same
    assert same_document(as_text(one), other) is same
