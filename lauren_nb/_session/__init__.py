"""What a kernel remembers: models, conversations, cassettes, spending. It shows nothing."""
