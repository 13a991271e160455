"""One streamed response: its request, its limits and retries, chunks to a whole.

It opens no connection.
"""
