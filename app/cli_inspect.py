"""The command `inspect`: what a model is made of, without changing it."""
