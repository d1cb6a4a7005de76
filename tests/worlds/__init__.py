"""Tests that run in environments of their own, counted by the one pytest that a person or CI started.

A *world* is a file `world.toml`: which interpreter, how it is made, which tests. What functions or services need never
enters the control plane's environment. Must never report a test that its world did not play.
"""
