"""Writes to the directory that keep its spatial index true, in the caller's transaction."""

from __future__ import annotations

from portal.db.base import db


def place(etablissement_id: int, latitude: float | None, longitude: float | None) -> None:
    """Put an establishment's point (degrees, WGS 84) into the index, move it there, or take it out (None)."""
    db.execute_sql("DELETE FROM etablissement_lieu WHERE id = ?", (etablissement_id,))
    if latitude is not None and longitude is not None:
        db.execute_sql("INSERT INTO etablissement_lieu (id, lat_min, lat_max, lon_min, lon_max) "
                       "VALUES (?, ?, ?, ?, ?)", (etablissement_id, latitude, latitude, longitude, longitude))
