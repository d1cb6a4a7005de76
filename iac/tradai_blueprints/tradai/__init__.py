"""The TradAI platform: four layers, whose every value is in `config`.

Must never know of another blueprint.
"""
