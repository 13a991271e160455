"""The approval of calls in a kernel: what is asked; decisions by a click, a line, a policy, a
recording.

It draws no card and runs no tool.
"""
