"""Names that other programs read: group, kind, finalizer, annotations. The one module that spells them.

Must never hold logic.
"""

from typing import Final

GROUP: Final = "tradai.io"
VERSION: Final = "v1alpha1"
API_VERSION: Final = f"{GROUP}/{VERSION}"
KIND: Final = "TradaiEnvironment"
LIST_KIND: Final = f"{KIND}List"
PLURAL: Final = "tradaienvironments"
SINGULAR: Final = "tradaienvironment"
SHORT_NAMES: Final = ("tradaienv", "tenv")
CATEGORY: Final = "tradai"
CRD_NAME: Final = f"{PLURAL}.{GROUP}"

#: On the definition itself: which version of this program made it, and a digest of what it says.
DEFINITION: Final = f"{GROUP}/definition"

#: Keeps a resource until its AWS resources are gone or released.
FINALIZER: Final = f"{GROUP}/environment"

#: `<environment>`: let go of the resource at once; what stands in AWS is recorded and stays.
ABANDON: Final = f"{GROUP}/abandon"
#: Ids of runs, with commas between: stop those that are under way.
CANCEL: Final = f"{GROUP}/cancel"
#: Any new value: try again now what failed; `<layer>:<any new value>`: that layer alone.
RETRY: Final = f"{GROUP}/retry"
#: `<environment>`: `deletionPolicy: Everything` may take all data along. Names with commas between, as the status
#: spells them (`instance/database`): just that may go with its data.
CONFIRM_DESTROY: Final = f"{GROUP}/confirm-destroy"
#: Any new value: look for drift now.
DRIFT: Final = f"{GROUP}/drift"
#: Names of migrations, with commas between: what never changes (002) may change this once. The run that needs one uses
#: it up; `<name>@<anything new>` permits it once more.
MIGRATE: Final = f"{GROUP}/migrate"
#: Uid of the resource that the environment's stacks belong to: this resource takes them over.
HANDOVER: Final = f"{GROUP}/handover"
#: Guards with the values that the spec gives them, with commas between (`approval=Never,ttl=none`): though what stands
#: was there under stricter ones, just these may be in force.
LOWER_GUARDS: Final = f"{GROUP}/lower-guards"
#: Any new value, or `<layer>,<layer>@<any new value>`: run those layers, or all, though nothing has changed.
RECONCILE: Final = f"{GROUP}/reconcile"
#: A moment: the maintenance windows do not count from then on, for a few hours.
OPEN_WINDOW: Final = f"{GROUP}/open-window"
#: Who set `OPEN_WINDOW`: the name by which the API server knows the user.
OPENED_BY: Final = f"{GROUP}/opened-by"
#: A plan's digest: whoever may approve permits just that plan.
APPROVE: Final = f"{GROUP}/approve"
#: Who set `APPROVE`: the name by which the API server knows the user.
APPROVED_BY: Final = f"{GROUP}/approved-by"
