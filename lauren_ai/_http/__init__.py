"""HTTP: bytes to server-sent events, failures to our errors, shared clients.

It knows no provider and builds no request.
"""
