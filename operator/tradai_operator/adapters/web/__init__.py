"""What the operator tells over HTTP and to people: metrics, health, traces, topics and webhooks.

Must never tell a secret, and must never keep a loop waiting.
"""
