"""Builders that the layers share: components, IAM policies, tags (001 §8).

Must never know a layer or a value of an environment: both are given.
"""
