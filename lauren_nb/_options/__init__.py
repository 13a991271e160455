"""The options of a cell: one table, read and completed. It looks up no name and asks no model."""
