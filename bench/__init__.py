"""How fast Scalpel is: `make bench` prints JSON with the machine's load."""
