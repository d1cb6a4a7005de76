"""The sample's work layer: what can be built again at any time. Must never keep data."""
