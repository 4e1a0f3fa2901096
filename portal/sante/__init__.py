"""How the portal is: alive, ready, and the figures of its work; for machines and those who watch them."""
