"""How the harbour's own failures are told. Must never shadow what AWS says."""

from typing import Final

from tradai_iac.failure import sign

SIGNS: Final = (sign("Conflict", r"the harbour is closed", "Set layers.quay.config.closed to false, then it goes on."),)
