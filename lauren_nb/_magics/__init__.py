"""`%%lauren` and `%lauren`: loaded, awaited, parsed, completed. It runs no model by itself."""
