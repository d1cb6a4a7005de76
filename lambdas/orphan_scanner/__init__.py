"""orphan-scanner: ends tasks whose job is over, and jobs whose task or execution is gone."""
