"""The compute layer: cluster, roles and load balancer (001 §6).

Must never hold data: all of it goes with a soft teardown and comes back from the layers below.
"""
