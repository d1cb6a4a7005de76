"""A layer's stack program as anybody runs it: bound to its inputs and outputs, by a run or by a plain `pulumi up`.

Must never know of requests, journals or operators: who runs a program hands in what it needs.
"""
