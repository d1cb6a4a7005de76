"""What of the Helm chart is generated: copies of what the operator says of itself, the schema and the table of values.

Must never change what it copies, but for what keeps the definition when the chart goes.
"""
