"""The way of an engine to its state: a process beside each run that speaks the engine's S3 protocol on loopback.

It answers from memory what the engine asks of its own writes, and writes the state only over what this engine has read
or written itself. Must never acknowledge a state that is not in the bucket, nor let its own address be told.
"""
