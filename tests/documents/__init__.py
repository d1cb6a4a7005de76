"""The documents' values as a fixture, and plain AWS reads that hold a deployed environment against them.

Written from the documents alone: nothing here may ever import the project's own packages, or the fixture
would merely agree with the code that it is there to judge.
"""
