"""`%%lauren chain`: recipes, inputs, steps, many rows. What a chain is belongs to `lauren_ai`."""
