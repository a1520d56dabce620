"""The libraries that simplify models, one file each: a model's file in, a simplified one out. Called in a job only."""
