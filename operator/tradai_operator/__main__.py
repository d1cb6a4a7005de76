"""`python -m tradai_operator`, and the command `tradai-operator`: the operator as a process of its own.

Only this keeps out of the process what others of its libraries would bring along. Must never be imported by anything.
"""

import sys

#: Wherever they are installed, structlog takes rich for tracebacks that we never print (3 MB), and kopf takes a client
#: of Kubernetes for objects that it never gets from us (20 MB, a quarter of a second). The tests need them.
_NOT_HERE = ("rich", "kubernetes", "kubernetes_asyncio", "pykube")
sys.modules.update(dict.fromkeys(_NOT_HERE))  # type: ignore[arg-type] # None: whoever tries to import one is told no

from tradai_iac.plugged import PlugInError  # noqa: E402 - see above

try:
    from tradai_operator.main import main
except PlugInError as error:  # its models are made from what is installed
    sys.exit(str(error))

if __name__ == "__main__":
    main()
