"""What was learned from refusals, by server and model, and one request's way through them."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from urllib.parse import urlsplit

from lauren_ai._profiles.profile import Profile
from lauren_ai._profiles.refusals.adjustment import Adjustment, Json
from lauren_ai._profiles.refusals.rules import read_refusal

#: Models that are remembered; the one unused longest is forgotten.
MAX_MODELS = 256
#: Refusals that one request answers with a change. Each field counts once.
MAX_ADJUSTMENTS = 8


class Learned:
    """Which changes the models of each server need. Made once a process, shared by its threads.

    It holds no key and no text of a server: an address without user, query and password, the name
    of a model, adjustments of the closed list."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: OrderedDict[tuple[str, str], dict[str, Adjustment]] = OrderedDict()

    def get(self, server: str, model: str) -> tuple[Adjustment, ...]:
        """What this model needs, in the order in which it was learned."""
        key = _get_key(server, model)
        with self._lock:
            known = self._known.get(key)
            if known is None:
                return ()
            self._known.move_to_end(key)
            return tuple(known.values())

    def learn(self, server: str, model: str, adjustment: Adjustment) -> None:
        """Remembers a change; one of the same field before it is replaced."""
        if not adjustment.lasting:
            return
        key = _get_key(server, model)
        with self._lock:
            known = self._known.setdefault(key, {})
            known.pop(adjustment.field, None)
            known[adjustment.field] = adjustment
            self._known.move_to_end(key)
            while len(self._known) > MAX_MODELS:
                self._known.popitem(last=False)

    def apply(self, server: str, model: str, body: Json) -> Json:
        """A request's JSON with what was learned of the model; a copy where it changes."""
        for adjustment in self.get(server, model):
            body = adjustment.apply(body)
        return body

    def amend(self, server: str, model: str, profile: Profile) -> Profile:
        """The profile with what was learned of the model."""
        for adjustment in self.get(server, model):
            profile = adjustment.amend(profile)
        return profile

    def forget(self) -> None:
        """Forgets everything, as when a server was updated."""
        with self._lock:
            self._known.clear()


def _get_key(server: str, model: str) -> tuple[str, str]:
    try:
        parts = urlsplit(server)
    except ValueError:
        return "", model
    return f"{parts.netloc.rpartition('@')[2]}{parts.path}".lower(), model


class Negotiation:
    """One request's way to a server that may refuse it. A transport makes it, for that request.

    1. `profile` is what the request is built from, with all that is known by now.
    2. `fit(body)` is what is sent.
    3. `refused(…)` reads a refusal: a change to be told and sent again, or None.
    """

    def __init__(self, learned: Learned, server: str, profile: Profile) -> None:
        self._learned = learned
        self._server = server
        self._own = profile
        self._changed: dict[str, Adjustment] = {}

    @property
    def profile(self) -> Profile:
        return self._learned.amend(self._server, self._own.name, self._own)

    def fit(self, body: Json) -> Json:
        """The request's JSON with what was learned before and now; a copy where it changes."""
        body = self._learned.apply(self._server, self._own.name, body)
        for adjustment in self._changed.values():
            body = adjustment.apply(body)
        return body

    def refused(self, status: int | None, body: str | bytes, request: Json) -> Adjustment | None:
        """What to change after a refusal of `request`, the JSON that was sent; None where the error
        stays. A field is changed once a request, so a server cannot keep it going."""
        if len(self._changed) >= MAX_ADJUSTMENTS:
            return None
        adjustment = read_refusal(status, body, request, self.profile)
        if adjustment is None or adjustment.field in self._changed:
            return None
        self._changed[adjustment.field] = adjustment
        self._learned.learn(self._server, self._own.name, adjustment)
        return adjustment
