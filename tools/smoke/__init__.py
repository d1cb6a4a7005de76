"""The first day of a real account, as a script: each step does what a person would, and says what it saw.

The same steps run against a sandbox, with the same assertions, so that on the day itself only AWS is new. Must never
look inside the operator, nor go on after a step that was not as it should be.
"""
