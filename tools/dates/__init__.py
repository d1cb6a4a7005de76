"""What the world will have changed by a date: versions that AWS withdraws, support that ends, facts that grow old.

Must never make a test fail: a commit that changed nothing stays good however long it lies.
"""
