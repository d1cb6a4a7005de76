"""What IAM says of a call: AWS's reference of actions, an evaluator of policies, and which rights a call asks for.

Pure, and of nothing but this room: tests hold policies against it, and the sandbox may put it before its endpoint. Must
never be what protects anything real: there AWS decides.
"""
