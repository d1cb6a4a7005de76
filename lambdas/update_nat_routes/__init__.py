"""Points the private subnets' way out at a NAT instance that has just been launched (002 §1.4).

Runs inside AWS Lambda on the standard library and boto3 alone, from this one source. Must never import anything
else of the project.
"""
