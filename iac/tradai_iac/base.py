"""The base of every model at a border of this tree.

Must never hold behaviour: a model describes data, and refuses what it does not know.
"""

from typing import Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

#: The key of a field's JSON schema under which the sentence stands that a person reads instead of a regex.
SENTENCE: Final = "x-sentence"
#: The key of a model's JSON schema under which fields stand that are set together or not at all.
TOGETHER: Final = "x-together"


def worded(pattern: str, sentence: str, max_length: int) -> Any:
    """A string's pattern and bound, with the sentence that says what to write where it does not match."""
    return Field(max_length=max_length, pattern=pattern, json_schema_extra={SENTENCE: sentence})


class Value(BaseModel):
    """What never changes is its own copy: pydantic copies every default that it fills in, thousands a second."""

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        return self


class Frozen(Value):
    """A value in Python's spelling: immutable, and closed to unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Manifest(Value):
    """A value that people write in YAML: camelCase there, snake_case here, closed to unknown keys."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True, serialize_by_alias=True
    )
