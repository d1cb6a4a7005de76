"""The sandbox: the same control plane as production, as local processes against a local AWS endpoint.

Must never be imported by the operator or the stack programs, and must never reach beyond loopback.
"""
