"""What functions share: the deployed tables with their conditional writes, clients, clock, and how a handler begins.

Runs inside AWS Lambda beside one function's folder. Must never import a function, nor anything of the control plane.
"""
