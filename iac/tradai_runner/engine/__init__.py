"""The engine as a process: started, asked for its operations, and asked to stop.

Must never start an engine that is not noted first, nor hand it a variable that it was not permitted.
"""
