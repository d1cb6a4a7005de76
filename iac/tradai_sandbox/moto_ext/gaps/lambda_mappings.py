"""Lambda: event source mappings of queues, with the checks that moto leaves out.

Must never hand out messages: `lambda_queues` does.
"""

from typing import Any

from moto.awslambda.exceptions import GenericResourcNotFound, InvalidParameterValueException, LambdaClientError
from moto.awslambda.models import EventSourceMapping, LambdaBackend
from moto.sqs.models import sqs_backends

from tradai_sandbox.moto_ext.gaps.patching import wrap


class ResourceConflictError(LambdaClientError):
    """A queue and a function that have a mapping already."""

    code = 409

    def __init__(self, mapping: Any) -> None:
        super().__init__(
            "ResourceConflictException",
            f'An event source mapping with SQS arn (" {mapping.event_source_arn} ") and function '
            f'(" {mapping.function_arn.rpartition(":")[2]} ") already exists. Please update or delete the existing '
            f"mapping with UUID {mapping.uuid}",
        )


def repair() -> None:
    """Check a mapping against its queue and function, and miss none that is gone."""
    wrap(
        LambdaBackend,
        create_event_source_mapping=_checked,
        get_event_source_mapping=_found,
        update_event_source_mapping=_found,
        delete_event_source_mapping=_found,
        list_event_source_mappings=_by_either_name,
    )


def _checked(original: Any) -> Any:
    def create_event_source_mapping(self: Any, spec: dict[str, Any]) -> EventSourceMapping:
        function, queue = self.get_function(spec["FunctionName"]), _queue(self, spec.get("EventSourceArn", ""))
        if queue is not None:
            _check_queue(queue, function, spec)
        for known in self._event_source_mappings.values():
            if (known.event_source_arn, known.function_arn) == (spec.get("EventSourceArn"), function.function_arn):
                raise ResourceConflictError(known)
        made: EventSourceMapping = original(self, spec)
        if queue is not None:
            # moto would deliver within the request that sends a message, and even after the mapping is gone
            queue.lambda_event_source_mappings.clear()
        return made

    return create_event_source_mapping


def _queue(backend: Any, arn: str) -> Any:
    queues = sqs_backends[backend.account_id][backend.region_name].queues.values()
    return next((queue for queue in queues if queue.queue_arn == arn), None)


def _check_queue(queue: Any, function: Any, spec: dict[str, Any]) -> None:
    visible, timeout = int(queue.visibility_timeout), int(function.timeout)
    if visible < timeout:
        raise InvalidParameterValueException(
            f"Queue visibility timeout: {visible} seconds is less than Function timeout: {timeout} seconds"
        )
    if queue.fifo_queue and spec.get("MaximumBatchingWindowInSeconds"):
        raise InvalidParameterValueException("Batching window is not supported for FIFO queues")


def _found(original: Any) -> Any:
    def with_mapping(self: Any, uuid: str, *args: Any) -> Any:
        found = original(self, uuid, *args)
        if found is None:
            raise GenericResourcNotFound
        return found

    return with_mapping


def _by_either_name(original: Any) -> Any:
    def list_event_source_mappings(self: Any, event_source_arn: str, function_name: str) -> list[Any]:
        found = original(self, event_source_arn, "")
        arn = self.get_function(function_name).function_arn if function_name else ""
        return [mapping for mapping in found if not arn or mapping.function_arn == arn]

    return list_event_source_mappings
