"""Types that fit the CRD's bounds by construction: a status that is too long would be refused as a whole.

Must never be used in a spec: there, too long is a mistake that a person should hear of.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

_MARK: Final = " …"


def clip(limit: int) -> Callable[[Any], Any]:
    """Cuts text to `limit` characters, with a mark where something is missing; leaves other values alone."""

    def cut(value: Any) -> Any:
        if isinstance(value, str) and len(value) > limit:
            return value[: limit - len(_MARK)] + _MARK
        return value

    return cut


def whole_seconds(moment: datetime) -> datetime:
    """The moment in UTC without fractions, as Kubernetes spells it."""
    return moment.astimezone(UTC).replace(microsecond=0)


#: A word: a name, a reason, an identifier.
Word = Annotated[str, Field(max_length=256), BeforeValidator(clip(256))]
#: A sentence or two, an address.
Text = Annotated[str, Field(max_length=2048), BeforeValidator(clip(2048))]
#: A moment; takes a datetime with a zone, seconds since 1970, or ISO text.
Moment = Annotated[AwareDatetime, AfterValidator(whole_seconds)]
