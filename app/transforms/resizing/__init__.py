"""How a model follows a change of its inputs' sizes: what is found, what is mended, what is proved."""
