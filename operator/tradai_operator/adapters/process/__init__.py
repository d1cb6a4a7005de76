"""The operator's own process and its machine: clock, log lines, memory, and parts that end together.

Must never know what an environment is.
"""
