"""Checks an audit bundle with nothing but Python's standard library.

It is copied into every bundle, and imports nothing of this program: whoever distrusts it reads these few files.
"""
