"""The `tradai` command: the sandbox, the plain tool for one layer, and the words people say to the operator.

Must never decide what the operator decides: it asks, shows and annotates.
"""
