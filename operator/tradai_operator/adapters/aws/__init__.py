"""What the operator itself asks of AWS: images in ECR, stacks and records in the state bucket.

Calls block, so they go in threads. Must never change what a layer has made: runs alone do that.
"""
