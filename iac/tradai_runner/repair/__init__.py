"""Repair of what a dead run left half done: pending operations in the state, settled before anything else runs.

`pending` reads and mends a state (pure); `find` and `rows` say how a resource is looked up in AWS, `lookup` asks;
`answer` and `judge` say what the answers amount to (pure); `decide` looks as often as that takes, with `looks` as its
memory; `settle` does it all under the stack's lock. Must never guess: what is unknown is neither imported nor cleared.
"""
