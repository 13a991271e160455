"""What each model takes, and what is learned when one refuses: the only code that knows models'
names. It owns the table, its reading, and the list of fields that a refusal may change; it does no
I/O, imports no provider, and builds no request.

From a name to a request:
1. `get_profile(provider, model, base_url)` gives a `Profile`, cached; a user's own comes from
   `LLMConfig(profile=…)`, made with `profile.with_(…)`. `refine(profile, payload)` adds what the
   server itself says of the model.
2. The builder asks the profile, never the name: `profile.endpoint`, `takes_sampling`,
   `takes_tools`, `choose_effort`, `token_field`, `structured`, `stop_field`, `gives_back`, ….
   `get_context_window` sizes the history, `max_output` the answer.
3. Each request goes through a `Negotiation`: what was learned is applied, a refusal that names a
   field of ours is answered with a change and one line to the person (see `refusals`).

Beside errors: `suggest_models` for a name that nobody knows, `describe_end` for a model near its
end, `read_overflow` for a prompt that is too long.
"""

from lauren_ai._profiles.lifecycle import KNOWN_MODELS, describe_end, suggest_models
from lauren_ai._profiles.limits import Overflow, get_context_window, read_overflow
from lauren_ai._profiles.lookup import get_profile
from lauren_ai._profiles.models_api import refine
from lauren_ai._profiles.profile import EFFORTS, Profile
from lauren_ai._profiles.refusals import Adjustment, Learned, Negotiation, read_refusal
from lauren_ai._profiles.report import describe

__all__ = [
    "EFFORTS",
    "KNOWN_MODELS",
    "Adjustment",
    "Learned",
    "Negotiation",
    "Overflow",
    "Profile",
    "describe",
    "describe_end",
    "get_context_window",
    "get_profile",
    "read_overflow",
    "read_refusal",
    "refine",
    "suggest_models",
]
