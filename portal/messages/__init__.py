"""Messages under a request, between the professionals who ask and the establishment that answers."""
