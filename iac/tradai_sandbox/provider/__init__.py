"""A Pulumi resource provider named `aws` that serves the types of the stack programs against a local
endpoint.

It is a table (`rows/`): one row a type. The engine around it translates between Pulumi's property names and
the API's shapes with botocore's service models, keeps secrets secret and sees drift. Must never reach
anything but a loopback endpoint, must never ignore a type or a property that it does not know, and must never
answer from memory what AWS can be asked.
"""
