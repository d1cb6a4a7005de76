"""What the control plane stands on: network, database, the authority's secret. Must never run anything."""
