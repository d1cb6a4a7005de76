"""What a container is asked to run, whichever version of this project its image has.

Must never name what an older image lacks: operator and image change one after the other.
"""

from typing import Final

#: Behind it comes the address of the run's journal.
COMMAND: Final = ("python", "-m", "tradai_iac.runner")
