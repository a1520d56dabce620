"""Every construct of ONNX: small models with it, that it survives, and that it is shown."""
