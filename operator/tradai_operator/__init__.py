"""The operator: it keeps each `TradaiEnvironment` as declared, layer by layer.

Rooms point one way: main > handlers | adapters > reconcile > plan | status > model. Nothing here runs a stack
program in its own process.
"""
