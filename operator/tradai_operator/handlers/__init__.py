"""Handlers: kopf's events, handed on to one loop a resource.

kopf discovers, watches, reconnects and logs in; everything else is ours (measured: a handler that does the work sees
an edit only when it ends). Must never decide or act.
"""
