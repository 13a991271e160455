"""The example notebooks: how they are recorded, and that they hold what they promise."""
