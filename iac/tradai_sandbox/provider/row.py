"""A row of the table: what one resource type is made of, and the piece of work that its calls are given.

Must never hold what is particular to one service; that is what rows are for.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tradai_sandbox.provider.cloud import Cloud
from tradai_sandbox.provider.props import Prop, Props
from tradai_sandbox.provider.templates import fill
from tradai_sandbox.provider.translate import to_api


@dataclass(frozen=True)
class Work:
    """One operation on one resource: everything that a row's calls may need.

    `inputs` are the properties as the program wants them (or last wanted them), `state` those last seen,
    `changed` the names that an update is about; `made` holds the API's answers to the calls that made it.
    """

    row: "Row"
    cloud: Cloud
    inputs: Props
    state: Props = field(default_factory=dict)
    id: str = ""
    changed: frozenset[str] = frozenset()
    creating: bool = False
    made: Props = field(default_factory=dict)

    @property
    def region(self) -> str:
        """The region of this resource: its own, else the provider's."""
        return str(self.inputs.get("region") or self.state.get("region") or self.cloud.settings.region)

    @property
    def values(self) -> Mapping[str, Any]:
        """What templates may name: properties (the program's before the state's), `id`, `region`."""
        return {**self.state, **self.inputs, "id": self.id, "region": self.region}

    def call(self, operation: str, *, service: str = "", **params: Any) -> dict[str, Any]:
        """One API call by its AWS name, on the row's service unless another is named."""
        return self.cloud.call(service or self.row.service, operation, self.region, **params)

    def wait(self, waiter: str, *, service: str = "", **params: Any) -> None:
        """Waits by botocore's waiter of that name."""
        self.cloud.wait(service or self.row.service, waiter, self.region, **params)

    def fill(self, template: Any) -> Any:
        """A template with its `{placeholders}` filled from `values`, `{account}` included."""
        return fill(template, self.values, account=lambda: self.cloud.account_id)

    def params(self, operation: str, names: frozenset[str] | None = None, *, service: str = "") -> Props:
        """The inputs (those in `names`, where given) as parameters of an operation."""
        shape = self.cloud.input_shape(service or self.row.service, operation)
        wanted = [p for p in self.row.props if names is None or p.name in names]
        return to_api(wanted, self.inputs, shape)

    def with_(self, **changes: Any) -> "Work":
        """A copy with some fields changed."""
        return replace(self, **changes)


Reader = Callable[[Work], Props | None]
Action = Callable[[Work], Any]


@dataclass(frozen=True)
class Step:
    """A call that brings the properties `on` to what the program wants.

    After a create it runs where any of them is set and `after_create` holds; in an update where any of them
    changed.
    """

    on: frozenset[str]
    run: Action
    after_create: bool = True


@dataclass(frozen=True)
class Row:
    """One resource type.

    - `token`: Pulumi's type. `service`: boto3's name of the service.
    - `props`: every property, inputs and outputs.
    - `create` makes it and returns the id; `steps` make it whole and later keep it so; `read` are the calls
      whose answers together are the real state (the first one says whether it exists); `delete` takes it
      away.
    - `id`: template of the id over properties (`{name}`, `{role}/{policyArn}`), by which an import finds them
      again; empty where AWS makes the id. `import_id`: what an import is given, where that differs from the
      id; the id then follows from `id` by what was read, or a reader gives it as `id`.
    - `name`: the property that is made up from the logical name where the program leaves it out, and that,
      given by the program, must be free before a replacement can be created.
    - `delete_first`: there can be only one at a time (an attachment, a bucket's setting).
    - `gone`: error codes that mean "not there", beside the usual ones.
    - `regional`: whether the type has a `region` property.
    """

    token: str
    service: str
    props: tuple[Prop, ...]
    create: Callable[[Work], str]
    read: tuple[Reader, ...]
    delete: Action
    steps: tuple[Step, ...] = ()
    id: str = ""
    import_id: str = ""
    name: str = ""
    name_suffix: str = ""
    delete_first: bool = False
    gone: frozenset[str] = frozenset()
    regional: bool = True
    finish: Callable[[Work, Props], Props] | None = None

    def prop(self, name: str) -> Prop | None:
        """The property of that name, where the row has it."""
        return next((p for p in self.props if p.name == name), None)

    @property
    def inputs(self) -> tuple[Prop, ...]:
        """The properties that a program may set."""
        return tuple(p for p in self.props if not p.output)
