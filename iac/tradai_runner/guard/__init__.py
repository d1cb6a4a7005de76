"""What refuses a run before anything is touched: rights, quotas, another place, and changes that are never made.

Must never write but for the probe of a pre-flight, nor refuse for what is not certain.
"""
