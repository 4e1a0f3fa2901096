"""Distances between two points of the Earth. Pure."""

from __future__ import annotations

from math import asin, atan2, cos, degrees, radians, sin, sqrt

EARTH_KM = 6371.0088
DEGREE_KM = 111.0
WINDS = ("nord", "nord-est", "est", "sud-est", "sud", "sud-ouest", "ouest", "nord-ouest")


def distance_km(here: tuple[float, float], there: tuple[float, float]) -> float:
    """Kilometres between two points (latitude, longitude in degrees) on a sphere (haversine)."""
    lat1, lon1, lat2, lon2 = (radians(value) for value in (*here, *there))
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(half))


def box(latitude: float, longitude: float, km: float) -> tuple[float, float, float, float]:
    """South, north, west and east of a square that holds the circle, a little more than needed."""
    lat = km / DEGREE_KM + 0.001
    lon = lat / max(0.01, cos(radians(latitude)))
    return latitude - lat, latitude + lat, longitude - lon, longitude + lon


def wind(here: tuple[float, float], there: tuple[float, float]) -> str:
    """In which of eight directions a near point lies, in French (« nord-est »)."""
    north = there[0] - here[0]
    east = (there[1] - here[1]) * cos(radians(here[0]))
    return WINDS[round(degrees(atan2(east, north)) / 45) % len(WINDS)]
