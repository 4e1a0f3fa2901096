"""What is true of the patient's side whatever the database: links, roles, motives, limits."""

from __future__ import annotations

from datetime import timedelta

# The modules whose dossiers a family follows; a sanitaire request stays between professionals.
MODULES = frozenset({"ga", "tnd"})
# How many people of the patient's side may follow one dossier. The mail of a link is prepared for as many each time,
# so that the time it takes tells neither whether the dossier exists nor how many follow it.
MOST = 6
# How long the link asked for by number and birth date is good for.
ENTRY_LIFE = timedelta(minutes=30)
# Dossiers that one network may open in a day while none of their addresses is confirmed.
MOST_UNCONFIRMED = 5
UNCONFIRMED_WINDOW = timedelta(days=1)
# How long before the cancelling of an unconfirmed dossier its creator is reminded.
REMINDED_BEFORE = timedelta(days=1)
CHANGE_LIFE = timedelta(days=1)

ENTER, FORMER, NEW = "entrer", "ancien", "nouveau"
PURPOSES = {
    ENTER: "Entrer dans le dossier",
    FORMER: "Accepter le changement d’adresse",
    NEW: "Confirmer la nouvelle adresse",
}

CREATORS = {
    "patient": "La personne elle-même",
    "aidant": "Un proche, ou quelqu’un qui l’aide",
}
INVITED = {
    "aidant": "Il aide\u00a0: il remplit le dossier et répond comme moi",
    "famille": "Il suit\u00a0: il voit où en est le dossier, sans rien modifier",
    "patient": "C’est la personne elle-même",
}
INVITED_BY_OTHERS = {
    "patient": "La personne elle-même",
    "aidant": "Un proche qui l’aide\u00a0: il remplit le volet administratif et répond aux propositions",
    "famille": "Un proche qui suit\u00a0: il voit où en est le dossier, sans rien modifier",
}
TIES = ("Conjoint ou conjointe", "Fils ou fille", "Frère ou sœur", "Petit-fils ou petite-fille",
        "Autre membre de la famille", "Ami ou voisin", "Tuteur, curateur ou mandataire",
        "Professionnel qui l’accompagne")
# Who may write in the dossier, name the physician, invite.
ACTING = frozenset({"patient", "aidant"})

UNCONFIRMED = "courriel"
# Why a dossier is cancelled: words, and the motive (ANS table TRE_R358) that its pending requests are given.
MOTIVES = {
    "domicile": ("La personne reste chez elle", "117"),
    "solution": ("Une autre solution est trouvée", "117"),
    "doublon": ("Il y a déjà un autre dossier", "112"),
    "erreur": ("Le dossier a été créé par erreur", "112"),
    "deces": ("La personne est décédée", "85"),
}
MOTIVE_WORDS = {code: words for code, (words, _) in MOTIVES.items()} | {
    UNCONFIRMED: "L’adresse électronique n’a pas été confirmée"}
CONDITIONS = "2026-11"
"""The version of the conditions of use that the creation form shows."""
