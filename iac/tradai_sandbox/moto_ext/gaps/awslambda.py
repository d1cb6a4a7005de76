"""Lambda: the parts of a function that moto forgets (logging, dead letters), never updates, or tells half.

Must never run code or change what an invocation answers.
"""

from typing import Any

from moto.awslambda import models

from tradai_sandbox.moto_ext.gaps.patching import wrap

REMEMBERED = ("LoggingConfig", "DeadLetterConfig")


def repair() -> None:
    """Make functions keep, report and update their whole configuration."""
    wrap(
        models.LambdaFunction,
        __init__=_remembers,
        get_configuration=_reports,
        update_configuration=_updates,
        update_function_code=_architecture,
        get_code=_concurrency,
    )


def _remembers(original: Any) -> Any:
    def init(self: Any, account_id: str, spec: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        original(self, account_id, spec, *args, **kwargs)
        self.remembered = {key: spec[key] for key in REMEMBERED if spec.get(key)}

    return init


def _reports(original: Any) -> Any:
    def get_configuration(self: Any, on_create: bool = False) -> dict[str, Any]:
        default = {"LoggingConfig": {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{self.function_name}"}}
        told = {key: value for key, value in self.remembered.items() if any(value.values())}
        remembered = {key: {**default.get(key, {}), **value} for key, value in told.items()}
        return {**original(self, on_create), **default, **remembered}

    return get_configuration


def _updates(original: Any) -> Any:
    def update_configuration(self: Any, updates: dict[str, Any]) -> dict[str, Any]:
        self.remembered |= {key: updates[key] for key in REMEMBERED if key in updates}
        self.tracing_config = updates.get("TracingConfig") or self.tracing_config
        self.ephemeral_storage = updates.get("EphemeralStorage", {}).get("Size", self.ephemeral_storage)
        self.kms_key_arn = updates.get("KMSKeyArn", self.kms_key_arn)
        answer: dict[str, Any] = original(self, updates)
        return answer

    return update_configuration


def _architecture(original: Any) -> Any:
    def update_function_code(self: Any, spec: dict[str, Any]) -> dict[str, Any]:
        self.architectures = spec.get("Architectures") or self.architectures
        answer: dict[str, Any] = original(self, spec)
        return answer

    return update_function_code


def _concurrency(original: Any) -> Any:
    def get_code(self: Any) -> dict[str, Any]:
        answer: dict[str, Any] = original(self)
        reserved = self.reserved_concurrency
        return answer if reserved is None else {**answer, "Concurrency": {"ReservedConcurrentExecutions": reserved}}

    return get_code
