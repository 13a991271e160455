"""The embedded model: its weights, its child process, its requests.

It speaks chat completions to that child.
"""
