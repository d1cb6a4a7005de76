"""Which calls of AWS's API the `aws` plug-in makes for a resource of each type, heard while it works.

A plug-in of our own stands before it under the same name: it hands on what the engine asks, one thing at a time, and is
the proxy that the plug-in reaches AWS by. So each call is known with what it is made for, whoever made the plug-in.
Must never change a call or an answer, nor keep anything of them but their names.
"""
