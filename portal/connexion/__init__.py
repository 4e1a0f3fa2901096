"""Login: card challenge, certificate chain, and the pages around them."""
