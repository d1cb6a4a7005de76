"""How the endpoint is told what an image is, and how workloads shall behave in a test, while it runs.

Must never import moto: whoever says these words is another process.
"""

from typing import Final, Literal

from tradai_iac.base import Frozen

#: PUT tells what digests are, GET says which are known.
RECIPES_PATH: Final = "/_sandbox/recipes"
#: PUT changes what it names (`Manners`), GET says all of it; `processes` beside.
WORKLOADS_PATH: Final = "/_sandbox/workloads"

#: `capacity`: RunTask answers a failure; `never`: accepted, and never running; `pull`: it stops before it has run.
Refused = Literal["capacity", "never", "pull"]


class Recipe(Frozen):
    """An image as it was pushed, so that it can be run without a container engine.

    `files` are those that its Dockerfile copies: place in the image → file of the checkout. `world` is the folder
    whose `.venv` has its packages, `make` the command that brings them; `command` is ENTRYPOINT and CMD together.
    """

    component: str
    kind: str
    files: dict[str, str]
    world: str
    make: str
    entry_point: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    variables: dict[str, str] = {}
    folder: str = "/"


class Recipes(Frozen):
    """Digest (`sha256:…`) → what is behind it."""

    recipes: dict[str, Recipe]


class Refusal(Frozen):
    """What becomes of the next `times` tasks of a family."""

    family: str
    how: Refused
    times: int = 1


class Manners(Frozen):
    """`retry_s`: the wait before a failed asynchronous invocation is tried again, doubled for the second time.

    `schedules`: whether rules with a rate fire; else a sandbox with nothing to do stays idle. `refusals`: of tasks.
    """

    retry_s: float = 60.0
    schedules: bool = False
    refusals: tuple[Refusal, ...] = ()
