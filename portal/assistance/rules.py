"""What a reader may answer to « Cette page vous a-t-elle aidé ? »: fixed words, so that nobody writes a name."""

from __future__ import annotations

YES = "oui"
REASONS = {
    YES: "Oui, elle m’a aidé",
    "absent": "Non, je n’y ai pas trouvé ma réponse",
    "obscur": "Non, je n’ai pas compris les explications",
    "different": "Non, mon écran ne montre pas la même chose",
    "echec": "Non, j’ai suivi les étapes et ça ne marche pas",
}
# How far back the support looks.
DAYS = 90
