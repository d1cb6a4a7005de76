"""Two small layers that stand within seconds: to try the operator with, and to measure it by.

Must never grow into a platform.
"""
