"""The edge layer: the HTTP API and the dashboard (001 §7).

Must never hold data or run code: it routes to what the layers below have, and shows how they are.
"""
