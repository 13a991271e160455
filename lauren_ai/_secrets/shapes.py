"""What a key looks like, and what the names of keys look like: the one list of both.

It takes nothing out of anything: `redaction.py` does of messages, `scrub.py` of recordings.
"""

from __future__ import annotations

import re

#: Shorter ones are placeholders ("none", "ollama"), and would hide ordinary words.
MIN_SECRET = 8

#: How a vendor's keys begin, and what follows in a whole one. What is looked for at every place
#: has a bound: a model may say "sk-" a million times.
_SHAPES = (
    (r"(?:sk|pk|rk)(?:-|_(?:live|test)_)", r"(?=[\w\-]{0,100}\d)[\w\-]{16,}"),
    (r"(?:gsk|hf)_", r"\w{16,}"),
    (r"xai-", r"\w{16,}"),
    (r"AIza", r"[\w\-]{20,}"),
    (r"ya29\.", r"[\w\-.]{16,}"),
    (r"gh[pousr]_", r"\w{20,}"),
    (r"eyJ", r"[\w\-]{10,1000}\.[\w\-]{10,}\.[\w\-]+"),
    (r"Bearer ", r"[\w\-.~+/]{16,}=*"),
)

#: A whole key, whoever's it is, in a text that must stay as it is but for that.
WHOLE_KEY = re.compile("|".join(rf"\b{begin}{rest}" for begin, rest in _SHAPES))

#: What a message may show of a key: its beginning, a masked middle, a header. A word too many
#: may go with it.
SHOWN_KEY = re.compile(
    rf"\b(?:{'|'.join(begin for begin, _ in _SHAPES)})[\w\-.*…•]{{8,}}"
    r"|\b(?:sk|pk|rk|gsk|xai|hf|key)[-_.][\w\-.*…•]{8,}|\b(?:Bearer|Basic)\s+\S+"
    r"|(?<![\w\-])[\w\-]*\*{3,}[\w\-]*"
)

#: What stands in for the middle of a key in a provider's error.
OMISSION = r"(?:\.{2,}|[…•*]+|x{3,}|X{3,})"

#: Variables of the environment, by a word of their names.
SECRET_VARIABLE = re.compile(
    r"(?:^|_)(?:KEY|APIKEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?)(?:_|$)", re.IGNORECASE
)
#: Fields of JSON, by their whole names: `key` and `max_tokens` are none.
SECRET_FIELD = re.compile(
    r"(?:x[-_])?(?:api[-_]?key|auth(?:orization)?|proxy[-_]authorization|(?:set[-_])?cookie"
    r"|(?:access|auth|id|refresh|api|bearer)[-_]?token|token|(?:client|app)?[-_]?secret"
    r"|secret[-_]?key|private[-_]?key|pass(?:word|wd|phrase)|credentials?)",
    re.IGNORECASE,
)
