"""A volet that is read: validated, signed before, or another's to write; and its reopening."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from portal.dossiers.queries import Visible
from portal.volets import acces, cadre, calculs, commands, forms, presenters, queries, reperage_vue, reponses, rules
from portal.volets.queries import Ouvert
from portal.web import errors, render
from portal.web.session import visit

CHANGED = "Ce volet a changé depuis que vous avez ouvert cette page\u00a0: rien n’a été fait. Voici où il en est."


def page(request: Request, seen: Visible, opened: Ouvert, *, signed: str = "", avis: str = "",
         typed: Sequence[tuple[str, str]] = (), status: int = 200) -> Response:
    """The answers in words. ``signed``: the version of a signature whose answers are shown instead of today's;
    ``typed``: what a person had written and can't save any more."""
    signatures = queries.signatures(seen, opened.code)
    signature = next((one for one in signatures if str(one.version) == signed), None)
    if signed and signature is None:
        raise errors.NotFound()
    shown = signature or opened
    acts = acces.acts(request, seen, opened.code)
    why = "" if rules.ECRIRE in acts else acces.reason(request, seen, opened.code, rules.ECRIRE)
    may_reopen = opened.etat == rules.VALIDE and rules.ROUVRIR in acts
    writing = opened.etat != rules.VALIDE and rules.ECRIRE in acts
    return render.page(
        request, "volets/lecture.html", status=status, **cadre.common(request, seen, opened),
        etat=rules.STATES[opened.etat], rubriques=reponses.summary(shown.definition, shown.answers),
        fait=presenters.last_act(opened), signature=presenters.signed(signature) if signature else "",
        signatures=[(one.version, presenters.signed(one)) for one in signatures],
        avis=avis, saisi=typed, pourquoi=why, peut_rouvrir=may_reopen and not signed,
        liens=cadre.links(request, seen, opened) if writing else cadre.ways(seen, opened.code),
        anciennes=presenters.former(shown), aggir=presenters.gir(opened.code, shown.answers),
        evaluations=cadre.evaluations(seen, opened.code), reperage=reperage_vue.live(seen, shown),
        scores=calculs.scores(shown.definition, shown.answers),
    )


def confirm_reopen(request: Request) -> Response:
    """What reopening means, before doing it."""
    seen, code = cadre.place(request)
    acces.must(request, seen, code, rules.ROUVRIR)
    opened = queries.opened(seen, code)
    if opened.etat != rules.VALIDE:
        return render.redirect(request, cadre.here(seen, code))
    return render.page(request, "volets/rouvrir.html", **cadre.common(request, seen, opened), ouvert=opened,
                       fait=presenters.last_act(opened))


def reopen(request: Request) -> Response:
    """« Rouvrir le volet »: it can be changed again, its signature stays."""
    seen, code = cadre.place(request)
    acces.must(request, seen, code, rules.ROUVRIR)
    try:
        commands.reopen(visit(request).actor, seen, code, forms.version(request.state.form))
    except commands.Stale as stale:
        return page(request, seen, stale.now, avis=CHANGED, status=409)
    return render.redirect(request, cadre.here(seen, code),
                           message=f"Le {rules.VOLETS[code]} est rouvert\u00a0: la version signée est gardée.")
