"""Makes the list of common passwords that the portal refuses (``portal/compte/motsdepasse.txt.gz``).

    python tools/motsdepasse.py FOLDER_OF_THE_ZXCVBN_PACKAGE

It joins the most used passwords of zxcvbn (PyPI, MIT: ``portal/compte/motsdepasse.licence.txt``)
and French habits generated below. Each line is in the folded form that ``portal.compte.rules.folded``
gives, so that « Azerty123 » and « azerty123 » are one entry. Run it by hand to renew the list:
the same input gives the same bytes.
"""

from __future__ import annotations

import gzip
import sys
from collections.abc import Iterator
from pathlib import Path

from portal.compte.rules import folded

TARGET = Path(__file__).resolve().parent.parent / "portal" / "compte" / "motsdepasse.txt.gz"
MOST_USED = 12_000

WORDS = """
    motdepasse mdp passe secret bonjour bonsoir salut coucou bienvenue merci soleil lune etoile amour
    jetaime cheri cherie doudou loulou chouchou maman papa famille bebe enfant vacances montagne plage mer
    chocolat fromage baguette croissant champagne football rugby marseille paris lyon nantes lille rennes
    toulouse bordeaux strasbourg montpellier nice caen rouen lehavre cherbourg alencon evreux bayeux lisieux
    normandie bretagne france francais republique medecin medecine docteur cabinet sante hopital clinique
    infirmier patient patients ordonnance stethoscope viatrajectoire trajectoire cartecps ameli amelipro ehpad
    azerty azertyuiop qwerty qwertyuiop qsdfgh qsdfghjklm wxcvbn admin administrateur utilisateur demo test
    changezmoi changeme ordinateur internet telephone voiture maison jardin chien chat lapin licorne papillon
    printemps ete automne hiver janvier fevrier mars avril mai juin juillet aout septembre octobre novembre
    decembre lundi mardi mercredi jeudi vendredi samedi dimanche
"""
FIRST_NAMES = """
    alexandre alexis alice amelie anais andre anne antoine arthur audrey aurelie baptiste benjamin
    benoit brigitte camille caroline catherine cecile celine charlotte chloe christian christine
    christophe claire claude clement coralie damien daniel david delphine denis dominique elise elodie
    emilie emma emmanuel eric estelle fabien fabrice florence florian francois frederic gabriel gerard
    guillaume helene henri hugo isabelle jacques jean jeanne jeremy jerome joel julie julien karine
    kevin laetitia laura laurence laurent lea louis louise lucas lucie manon marc margaux marie marine
    martin martine mathieu mathilde maxime melanie michel monique morgane nathalie nicolas olivier
    pascal patricia patrick paul pauline philippe pierre quentin raphael remi robert romain sabrina
    samuel sandrine sarah sebastien simon sophie stephane stephanie sylvie theo thierry thomas valerie
    vanessa veronique victor vincent virginie xavier yann yves
"""
KEYBOARD_ROWS = (
    "azertyuiop", "qsdfghjklm", "wxcvbn", "qwertyuiop", "asdfghjkl", "zxcvbnm", "1234567890",
    "abcdefghijklmnopqrstuvwxyz", "aqwzsxedcrfvtgb", "1a2z3e4r5t6y", "a1z2e3r4t5y6", "1q2w3e4r5t6y",
)


def main(package: Path) -> None:
    """Write the list; ``package`` is the unpacked or installed ``zxcvbn`` folder."""
    sys.path.insert(0, str(package.parent))
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    most_used = list(FREQUENCY_LISTS["passwords"])[:MOST_USED]
    guesses = [*most_used, *WORDS.split(), *FIRST_NAMES.split(), *walks(), *digits()]
    entries = sorted({folded(word) for word in guesses} - {""})
    TARGET.write_bytes(gzip.compress("\n".join(entries).encode(), mtime=0))
    print(f"{len(entries)} mots de passe courants, {TARGET.stat().st_size} octets")


def walks() -> Iterator[str]:
    """Runs of four characters and more along a row of the keyboard, in both directions."""
    for row in KEYBOARD_ROWS:
        for text in (row, row[::-1]):
            for length in range(4, len(text) + 1):
                yield from (text[start:start + length] for start in range(len(text) - length + 1))


def digits() -> Iterator[str]:
    """Years, and days written as people write them (22111968, 221168)."""
    yield from (str(year) for year in range(1930, 2036))
    for day in range(1, 32):
        for month in range(1, 13):
            yield f"{day:02}{month:02}"


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
