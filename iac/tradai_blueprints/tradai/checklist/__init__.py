"""The validation checklist of 002 §11, item by item: the configuration, a rendered plan, a live environment.

Each column is a mapping of facts, held against what the configuration demands. Must never change anything, and must
never take a fact that it could not read for one that agrees.
"""
