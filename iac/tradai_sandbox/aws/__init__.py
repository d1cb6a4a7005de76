"""The local AWS endpoint: moto with the backends it lacks, kept-alive connections and optional latency.

Must never listen anywhere but on loopback.
"""
