"""ViaTrajectoire for liberal physicians: the portal, its help site and the card agent."""

__version__ = "0.1.0"
