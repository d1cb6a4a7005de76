"""Scheduling: which runs of all environments begin now, where not all of them fit.

Must never start or stop a run, nor say of a layer that it needs none.
"""
