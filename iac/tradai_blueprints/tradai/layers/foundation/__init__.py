"""The foundation layer: network, database, messaging and secrets (001 §5; 002 §1, §3.3, §4.1, §6, §8).

Must never depend on another layer: it runs beside the persistent one.
"""
