"""Writes to the directory that keep its spatial index true, in the caller's transaction."""

from __future__ import annotations

from portal.db.base import db


def place(etablissement_id: int, latitude: float | None, longitude: float | None) -> None:
    """Put an establishment's point (degrees, WGS 84) into the index, move it there, or take it out (None)."""
    if latitude is None or longitude is None:
        db.execute_sql("DELETE FROM etablissement_lieu WHERE id = ?", (etablissement_id,))
        return
    db.execute_sql("INSERT OR REPLACE INTO etablissement_lieu (id, lat_min, lat_max, lon_min, lon_max) "
                   "VALUES (?, ?, ?, ?, ?)", (etablissement_id, latitude, latitude, longitude, longitude))
