"""Learning from a refusal: which of our own fields a 400 names, and the request without it.

It owns the closed list of what may be left out, renamed or lowered. It sends nothing, and never
touches what gives a request its meaning: messages, tools, schemas, documents, images.

What a transport does, for each request:
1. `negotiation = Negotiation(learned, server, profile)`, with a `Learned` that lives as long as the
   process; `profile = negotiation.profile` may already know more than the table does.
2. Build the body from that profile, send `negotiation.fit(body)`.
3. On a refusal, before anything was shown: `adjustment = negotiation.refused(status, text, body)`.
   None: raise the error. Else show `adjustment.note` once and go to 2.
"""

from lauren_ai._profiles.refusals.adjustment import Adjustment
from lauren_ai._profiles.refusals.learned import Learned, Negotiation
from lauren_ai._profiles.refusals.rules import read_refusal

__all__ = ["Adjustment", "Learned", "Negotiation", "read_refusal"]
