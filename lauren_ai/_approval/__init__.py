"""Human approval: calls that wait, decisions, grants. It runs no tool and shows no card."""
