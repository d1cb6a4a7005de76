"""How a clone becomes ready to run: environment, binaries, and Go where it is missing.

Must never import anything but the standard library: it runs before anything is installed.
"""
