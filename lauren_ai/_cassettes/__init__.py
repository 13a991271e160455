"""Cassettes: recorded exchanges at the wire, matched and replayed.

It decodes no provider and finds no secrets.
"""
