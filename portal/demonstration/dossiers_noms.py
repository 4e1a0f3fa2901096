"""Fictional people, places and services for the demonstration's dossiers."""

from __future__ import annotations

NOMS = (
    "ABADIE", "ALLAIN", "AMIOT", "ANQUETIL", "AUBRY", "AUVRAY", "BAUDRY", "BELLANGER", "BERTHELOT",
    "BESNARD", "BISSON", "BLIN", "BOISSEL", "BOULANGER", "BRÉARD", "BRUNET", "BUREL", "CAHAGNE",
    "CARPENTIER", "CAUCHOIS", "CHAPELAIN", "CHAUVIN", "COLAS", "COUSIN", "DAJON", "DAVOULT", "DELAHAYE",
    "DELAMARE", "DELAUNAY", "DESHAYES", "DESMARES", "DOUCET", "DUBOSC", "DUCHEMIN", "DUFRESNE", "DUHAMEL",
    "DUMONT", "DUVAL", "ENGUEHARD", "ESNAULT", "FAUVEL", "FERET", "FLEURY", "FONTAINE", "FOUCHER",
    "FRÉMONT", "GALLAIS", "GAUTIER", "GODEFROY", "GOSSELIN", "GRANDIN", "GUÉRARD", "GUILBERT", "HAMEL",
    "HAUTOT", "HÉBERT", "HEUZÉ", "HUBERT", "HUET", "JACQUELINE", "JAMES", "JOUENNE", "LABBÉ", "LACAILLE",
    "LAINÉ", "LANGLOIS", "LAURENCE", "LEBAILLY", "LEBLOND", "LEBOUCHER", "LECERF", "LECLERC", "LECOQ",
    "LEDUC", "LEFÈVRE", "LEGRAND", "LEJEUNE", "LELIÈVRE", "LEMARCHAND", "LEMOINE", "LENOIR", "LEPETIT",
    "LEROUX", "LESAGE", "LESUEUR", "LETELLIER", "LEVASSEUR", "LHERMITTE", "LOISEL", "LOUVEL", "MAHEUT",
    "MALHERBE", "MARIE", "MASSON", "MAUGER", "MAUPAS", "MÉNARD", "MOREL", "MORIN", "NÉEL", "NICOLLE",
    "NOËL", "OLIVIER", "OSMONT", "PAGNY", "PAIN", "PERRIER", "PICARD", "PIEDNOIR", "PLANCHON", "POISSON",
    "POTIER", "PRÉVOST", "QUESNEL", "RENAULT", "REVERT", "RICHARD", "ROBILLARD", "ROUSSEL", "SAUVAGE",
    "SÉNÉCAL", "SIMON", "TASSEL", "THIBAULT", "TOUTAIN", "VALLÉE", "VASSEUR", "VAUTIER", "VÉRON", "VILLAIN",
    "VINCENT", "YON",
)
PRENOMS_F = (
    "Adèle", "Albertine", "Alice", "Andrée", "Antoinette", "Augustine", "Bernadette", "Blanche", "Cécile",
    "Christiane", "Claire", "Claudine", "Colette", "Denise", "Édith", "Éliane", "Élise", "Émilienne",
    "Ernestine", "Eugénie", "Fernande", "Francine", "Françoise", "Gabrielle", "Geneviève", "Georgette",
    "Germaine", "Ginette", "Gisèle", "Hélène", "Henriette", "Hortense", "Huguette", "Irène", "Jacqueline",
    "Jeanne", "Joséphine", "Josette", "Juliette", "Léone", "Léontine", "Lucette", "Lucienne", "Madeleine",
    "Marcelle", "Marguerite", "Marthe", "Mauricette", "Micheline", "Monique", "Nicole", "Odette",
    "Paulette", "Pierrette", "Raymonde", "Renée", "Rolande", "Simone", "Solange", "Suzanne", "Thérèse",
    "Yvette", "Yvonne",
)
PRENOMS_M = (
    "Albert", "Alfred", "Alphonse", "André", "Armand", "Auguste", "Bernard", "Claude", "Edmond", "Émile",
    "Ernest", "Étienne", "Eugène", "Fernand", "François", "Gaston", "Georges", "Gérard", "Gilbert", "Guy",
    "Henri", "Hubert", "Jacques", "Jean", "Joseph", "Jules", "Julien", "Léon", "Louis", "Lucien", "Marcel",
    "Marius", "Maurice", "Michel", "Octave", "Paul", "Pierre", "Raoul", "Raymond", "René", "Robert",
    "Roger", "Roland", "Serge", "Théodore", "Victor", "Yves",
)
PRENOMS_ENFANT_F = (
    "Agathe", "Alix", "Ambre", "Anna", "Apolline", "Capucine", "Charlie", "Chloé", "Clémence", "Éléna",
    "Elsa", "Emma", "Inès", "Iris", "Jade", "Jeanne", "Léa", "Lina", "Louise", "Lucie", "Maëlle", "Manon",
    "Mila", "Nina", "Rose", "Sarah", "Zoé",
)
PRENOMS_ENFANT_M = (
    "Aaron", "Adam", "Antoine", "Arthur", "Axel", "Basile", "Éden", "Eliott", "Gabin", "Gaspard", "Hugo",
    "Isaac", "Jules", "Léo", "Liam", "Lucas", "Maël", "Malo", "Marius", "Mathis", "Nathan", "Noah", "Nolan",
    "Raphaël", "Robin", "Sacha", "Timéo", "Tom",
)

VILLES = (
    ("14000", "CAEN"), ("14000", "CAEN"), ("14000", "CAEN"), ("14400", "BAYEUX"),
    ("14200", "HÉROUVILLE-SAINT-CLAIR"), ("14100", "LISIEUX"),
    ("14500", "VIRE NORMANDIE"), ("14700", "FALAISE"), ("14120", "MONDEVILLE"),
    ("14123", "IFS"), ("14600", "HONFLEUR"), ("14800", "DEAUVILLE"), ("14470", "COURSEULLES-SUR-MER"),
    ("14150", "OUISTREHAM"), ("14310", "VILLERS-BOCAGE"), ("14220", "THURY-HARCOURT-LE-HOM"), ("50000", "SAINT-LÔ"),
    ("50100", "CHERBOURG-EN-COTENTIN"), ("50200", "COUTANCES"), ("50300", "AVRANCHES"), ("50400", "GRANVILLE"),
    ("61000", "ALENÇON"), ("61100", "FLERS"), ("61200", "ARGENTAN"), ("61140", "BAGNOLES DE L'ORNE NORMANDIE"),
    ("76000", "ROUEN"), ("76600", "LE HAVRE"), ("76200", "DIEPPE"), ("27000", "ÉVREUX"), ("27200", "VERNON"),
)
VOIES = ("rue des Tilleuls", "rue du Vieux Pressoir", "place de l’Église", "rue de Bretagne", "allée des Pommiers",
         "chemin du Bocage", "avenue de la Mer", "rue Saint-Martin", "impasse du Lavoir", "rue des Jacobins")

STRUCTURES = {
    "ga": (
        "CLIC BESSIN — CLIC du Bessin", "CLIC CAEN — CLIC de Caen Couronne", "CLIC BOCAGE — CLIC du Bocage",
        "CHU COTE DE NACRE - CAEN — Gériatrie Aigüe Niv.8 Unité 27", "CH demo 14 BN 2018 — MCO14",
        "CH demo 50 BN 2018 — MCO50", "CH demo 14 BN 2018 — HAD", "CCAS CAEN — Service autonomie",
    ),
    "s": (
        "CH demo 14 BN 2018 — MCO14", "CHU COTE DE NACRE - CAEN — Gériatrie Aigüe Niv.8 Unité 27",
        "CHU COTE DE NACRE - CAEN — Addictologie", "CHU COTE DE NACRE - CAEN — Orthopédie",
        "CH demo 50 BN 2018 — MCO50", "CH LISIEUX — Médecine polyvalente", "CH BAYEUX — Chirurgie viscérale",
    ),
    "tnd": (
        "PCO CALVADOS — Plateforme de coordination et d’orientation", "PMI CAEN — Secteur Nord",
        "CAMSP CAEN — Consultation précoce", "CHU COTE DE NACRE - CAEN — Neuropédiatrie",
    ),
}
