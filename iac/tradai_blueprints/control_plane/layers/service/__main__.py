"""Runs the service layer by hand (`pulumi up` in this folder); must never do more than hand over."""

from tradai_iac.program.by_hand import main

main("control-plane", "service")
