"""The kernel's own ways: running code, interrupts, its input box, waiting without an await.

It knows no model.
"""
