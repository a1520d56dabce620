"""Proofs that go over whole collections of models: that nothing is lost, whatever is edited."""
