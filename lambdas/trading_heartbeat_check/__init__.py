"""trading-heartbeat-check: notices a strategy that trades no more though it should, and tells people once."""
