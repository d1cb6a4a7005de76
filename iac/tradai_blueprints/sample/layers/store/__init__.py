"""The sample's store layer: what bears data. Must never depend on another layer."""
