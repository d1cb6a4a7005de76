"""What functions are given by the configuration as a file, and their locks: `python -m tools.lambdas` writes the file.

Must never be imported by what is installed.
"""
