"""One answer, of a cell or a panel: asked, watched, accounted.

What it looks like is `_display`'s business.
"""
