"""The model as an editable document: records, transactions, deltas, lossless load and save."""
