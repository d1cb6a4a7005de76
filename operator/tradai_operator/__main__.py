"""`python -m tradai_operator`, and the command `tradai-operator`: the operator as a process of its own.

Only this keeps out of the process what others of its libraries would bring along. Must never be imported by anything.
"""

import sys

# structlog takes rich wherever it is installed (the command line needs it), for tracebacks that we never print: 3 MB
sys.modules["rich"] = None  # type: ignore[assignment]

from tradai_iac.plugged import PlugInError  # noqa: E402 - see above

try:
    from tradai_operator.main import main
except PlugInError as error:  # its models are made from what is installed
    sys.exit(str(error))

if __name__ == "__main__":
    main()
