"""Looks for drift: what AWS has against what the spec declares, found by a preview that reads everything anew.

Must never change anything in AWS or in a state: what a look leaves are a report in the state bucket and a row in the
environment's drift table.
"""
