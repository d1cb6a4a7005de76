"""The operator: it keeps each `TradaiEnvironment` as declared, layer by layer.

Rooms point one way: main > handlers | adapters > reconcile > lead | schedule > ports > decide > status > plan > model
(docs/ARCHITECTURE.md). Nothing here runs a stack program in its own process.
"""
