"""The notices: what each of them says, and which preference declines its mail. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Code:
    """One kind of notice: its code, its sentence, and the kind of mail (``compte.espace.rules.NOTICES``) it is."""

    code: str
    sentence: str
    notice: str


CODES = {code.code: code for code in (
    # to the asking side
    Code("nouveau", "Vous êtes désigné médecin traitant.", "nouveau"),
    Code("lecture", "Un établissement a ouvert le dossier.", "lecture"),
    Code("complement", "Un établissement demande un complément.", "complement"),
    Code("liste", "Un établissement inscrit la demande sur sa liste d’attente.", "lecture"),
    Code("proposition", "Un établissement propose une place.", "proposition"),
    Code("proposition_retiree", "Un établissement retire sa proposition.", "proposition"),
    Code("expiration", "Une proposition est restée sans réponse jusqu’à sa date.", "proposition"),
    Code("refus", "Un établissement ne peut pas admettre la personne.", "refus"),
    Code("admission", "La personne entre dans un établissement.", "admission"),
    Code("entree_corrigee", "Une entrée avait été déclarée par erreur.", "admission"),
    Code("silence", "Une demande reste sans réponse.", "silence"),
    Code("escalade", "Un établissement n’a pas rappelé dans le délai promis.", "silence"),
    Code("vague", "Sans accord, une nouvelle vague de demandes est partie.", "silence"),
    Code("vagues_suspendues", "La recherche par vagues est suspendue, le dossier ayant changé.", "silence"),
    Code("vagues_epuisees", "Toutes les unités prévues sont sollicitées, et aucune n’a donné d’accord.", "silence"),
    Code("archivage", "Le dossier sera bientôt archivé s’il ne change pas.", "silence"),
    Code("transfert", "Un service vous propose de prendre la responsabilité du dossier.", "nouveau"),
    Code("transfere", "Le médecin traitant a pris la responsabilité du dossier.", "nouveau"),
    Code("decision", "La personne, ou qui l’accompagne, a répondu à une proposition.", "proposition"),
    # to an establishment
    Code("demande", "Une demande vous est adressée.", "demande"),
    Code("relance", "Une demande qui vous est adressée attend votre réponse.", "demande"),
    Code("changement", "Un dossier que vous lisez a changé depuis son envoi.", "demande"),
    Code("reponse", "Le complément que vous attendiez est arrivé.", "demande"),
    Code("acceptation", "Votre proposition est acceptée.", "demande"),
    Code("declinaison", "Votre proposition est déclinée.", "demande"),
    Code("annulation", "Une demande qui vous était adressée est annulée.", "demande"),
    Code("reouverture", "Une demande qui vous était adressée est rouverte.", "demande"),
    Code("renouvellement", "Un médecin souhaite le renouvellement d’un parcours.", "demande"),
    Code("etude", "Un établissement met la demande à l’étude.", "lecture"),
    Code("parcours", "La plateforme fait avancer le parcours de l’enfant.", "lecture"),
    Code("synthese", "La plateforme a rendu sa synthèse.", "proposition"),
    Code("reorientation", "La plateforme réoriente la demande.", "refus"),
    Code("accord_attendu", "Une prise en charge à domicile attend votre accord de médecin traitant.", "demande"),
    Code("fermeture", "Un établissement sollicité n’est plus dans l’annuaire.", "refus"),
    # to both
    Code("accord_traitant", "Le médecin traitant s’est prononcé sur la prise en charge à domicile.", "demande"),
    Code("arrivee_a_declarer", "L’arrivée d’un patient attendu n’est pas déclarée\u00a0: la demande va se clore.",
         "admission"),
    Code("arrivee_non_confirmee", "Une demande est close sans que l’arrivée ait été déclarée.", "admission"),
    Code("message", "Un message vous attend.", "message"),
)}
