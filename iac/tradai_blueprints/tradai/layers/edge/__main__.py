"""The edge layer under a plain `pulumi up`; must never do what the runner would not."""

from tradai_iac.program.by_hand import main

main("tradai", "edge")
