"""The persistent layer: what must outlive everything else, data, images and identity (001 §4, 002 §3, §4.2).

Must never depend on another layer, nor let its own destruction take the state bucket.
"""
