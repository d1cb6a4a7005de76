"""Metric filters of log groups, and the policies by which services may write to them (CloudWatch Logs).

Must never touch the log groups themselves; they are `logs`.
"""

from collections.abc import Mapping
from typing import Any, Final

from tradai_sandbox.provider.calls import Create, Delete, change, forgiving
from tradai_sandbox.provider.props import Prop, Props, document
from tradai_sandbox.provider.row import Row, Work
from tradai_sandbox.provider.translate import TranslationError, from_api, shape_at

#: Pulumi's names within a transformation → the API's.
_TRANSFORMATION: Final = {
    "name": "metricName",
    "namespace": "metricNamespace",
    "value": "metricValue",
    "defaultValue": "defaultValue",
    "dimensions": "dimensions",
    "unit": "unit",
}


def _transformations(given: Mapping[str, Any]) -> list[Props]:
    if extra := set(given) - set(_TRANSFORMATION):
        raise TranslationError(f"'metricTransformation' has unknown properties: {', '.join(sorted(extra))}")
    default = {"defaultValue": float(given["defaultValue"])} if given.get("defaultValue") is not None else {}
    return [{**{_TRANSFORMATION[name]: value for name, value in given.items()}, **default}]


def _transformation(found: list[Props]) -> Props:
    known = {name: found[0][member] for name, member in _TRANSFORMATION.items() if member in found[0]}
    default = {"defaultValue": f"{known['defaultValue']:g}"} if "defaultValue" in known else {}
    return {**known, **default}


_FILTER: Final = {"logGroupName": "{logGroupName}", "filterName": "{name}"}
_FILTER_SET: Final = (
    Prop("pattern", api="filterPattern", required=True),
    Prop(
        "metricTransformation",
        dict,
        api="metricTransformations",
        required=True,
        to=_transformations,
        back=_transformation,
    ),
)


def _read_filter(work: Work) -> Props | None:
    """The filter of exactly this name; the listing gives all that begin with it."""
    group, name = work.values["logGroupName"], work.values["name"]
    found = forgiving(work, "DescribeMetricFilters", logGroupName=group, filterNamePrefix=name)
    mine = next((each for each in found.get("metricFilters", []) if each["filterName"] == name), None)
    if mine is None:
        return None
    shape = shape_at(work.cloud.model("logs", "DescribeMetricFilters").output_shape, "metricFilters[0]")
    return {"logGroupName": group, **from_api(work.row.props, mine, shape)}


METRIC_FILTER: Final = Row(
    "aws:cloudwatch/logMetricFilter:LogMetricFilter",
    "logs",
    (
        Prop("name", api="filterName", replace=True),
        Prop("logGroupName", required=True, replace=True),
        *_FILTER_SET,
    ),
    create=Create("PutMetricFilter"),
    steps=(change({p.name for p in _FILTER_SET}, "PutMetricFilter", _FILTER, after_create=False),),
    read=(_read_filter,),
    delete=Delete("DeleteMetricFilter", _FILTER),
    id="{name}",
    import_id="{logGroupName}:{name}",
    name="name",
)


def _read_policy(work: Work) -> Props | None:
    """The policy of this name; AWS only lists them."""
    name = work.values["policyName"]
    pages = work.cloud.pages("logs", "DescribeResourcePolicies", work.region)
    found = (policy for page in pages for policy in page["resourcePolicies"])
    mine = next((policy for policy in found if policy["policyName"] == name), None)
    return None if mine is None else {"policyName": name, "policyDocument": mine["policyDocument"]}


_POLICY: Final = {"policyName": "{policyName}"}

RESOURCE_POLICY: Final = Row(
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
    "logs",
    (
        Prop("policyName", replace=True),
        document("policyDocument", required=True),
    ),
    create=Create("PutResourcePolicy"),
    steps=(change({"policyDocument"}, "PutResourcePolicy", _POLICY, after_create=False),),
    read=(_read_policy,),
    delete=Delete("DeleteResourcePolicy", _POLICY),
    id="{policyName}",
)

ROWS: Final = (METRIC_FILTER, RESOURCE_POLICY)
