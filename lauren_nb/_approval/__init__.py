"""Decisions about calls in a kernel: a click, a line, a policy, a recording.

It draws no card and runs no tool.
"""
