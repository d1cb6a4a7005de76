"""The local AWS endpoint: moto with the backends it lacks, kept-alive connections and optional latency.

Must never listen anywhere but on loopback.
"""

from typing import Final

#: Names the folder for what S3's objects contain; without it, it is one that goes with the process.
OBJECTS: Final = "TRADAI_SANDBOX_OBJECTS"
