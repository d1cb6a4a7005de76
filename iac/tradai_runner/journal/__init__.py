"""What a run is asked and says: request, progress, log and result, in a folder or in the state bucket.

Must never hold a secret in clear, nor be half-written.
"""
