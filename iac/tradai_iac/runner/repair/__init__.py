"""Repair of what a dead run left half done: pending operations in the state, settled before anything else runs.

`pending` reads and mends a state (pure), `find` and `rows` say how a resource is looked up in AWS, `lookup` decides
about each entry, `settle` does it under the stack's lock. Must never guess: what cannot be told is refused.
"""
