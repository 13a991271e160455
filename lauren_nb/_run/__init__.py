"""One answer: asked, watched, accounted. What it looks like is `_display`'s business."""
