"""The zygote, limited children, time-outs: whatever starts a process on a model."""
