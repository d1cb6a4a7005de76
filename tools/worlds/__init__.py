"""The locks of environments of their own, from the names that their folders ask for: `python -m tools.worlds <folder>`.

Must never be imported by what is installed.
"""
