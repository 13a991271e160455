"""Builds the parts of a chat completions message: text, images, files, sound.

What a model is known not to take is refused in words, never left out. It sends nothing.
Source: https://platform.openai.com/docs/api-reference/chat/create, and
https://platform.openai.com/docs/guides/pdf-files?api-mode=chat
"""

from __future__ import annotations

from typing import Any, NoReturn

from lauren_ai._exceptions import TransportError
from lauren_ai._profiles import Profile
from lauren_ai._types import ContentBlock

Json = dict[str, Any]

#: A person's parts in the words of chat completions and of its servers.
_RAW_TYPES = frozenset({"text", "image_url", "video_url", "input_audio", "file"})
#: Sound by its media type, as `input_audio.format` names it.
_FORMATS = {
    **dict.fromkeys(("audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave"), "wav"),
    **dict.fromkeys(("audio/mpeg", "audio/mp3"), "mp3"),
    **{f"audio/{kind}": kind for kind in ("aac", "aiff", "flac", "ogg", "opus", "pcm16", "m4a")},
}
_EXTENSIONS = {"application/pdf": "pdf", "text/plain": "txt"}


def text_part(text: str) -> Json:
    return {"type": "text", "text": text}


def build_part(block: ContentBlock, profile: Profile) -> Json:
    """A part of a person's message. Raises TransportError for what does not go to this model."""
    raw = block.raw or {}
    if block.provider is None and raw.get("type") in _RAW_TYPES:
        return raw
    if block.type == "text":
        return text_part(block.text or "")
    source = block.source or raw.get("source")
    if isinstance(source, dict):
        match block.type:
            case "image":
                return _build_image(source, profile)
            case "document":
                return _build_document(source, raw.get("title"), profile)
            case "audio":
                return _build_audio(source, profile)
    raise TransportError(
        f"Chat completions take no block of type {block.type!r}: text, images, documents and audio "
        "alone. Leave it out, or ask another provider."
    )


def describe_part(block: ContentBlock, profile: Profile) -> Json:
    """A part of a tool's result: what the model cannot take is told to it in words, since nobody
    could take it out of a run."""
    try:
        return build_part(block, profile)
    except TransportError as error:
        return text_part(f"[{error}]")


def _build_image(source: Json, profile: Profile) -> Json:
    if profile.images is False:
        _refuse(profile, "images")
    return {"type": "image_url", "image_url": {"url": _get_url(source, "an image")}}


def _build_document(source: Json, title: object, profile: Profile) -> Json:
    if source.get("type") == "text":
        return text_part("\n".join(filter(None, (str(title or ""), str(source.get("data") or "")))))
    media_type = str(source.get("media_type") or "")
    if media_type.startswith("audio/"):
        return _build_audio(source, profile)
    if profile.pdf is False:
        _refuse(profile, "documents")
    if "data" not in source:
        raise TransportError(
            f"A document by {source.get('type')!r} does not go to chat completions: they take its "
            "bytes alone. Give its data, or paste its text."
        )
    name = str(title or f"document.{_EXTENSIONS.get(media_type, 'bin')}")
    return {"type": "file", "file": {"filename": name, "file_data": _get_url(source, "a document")}}


def _build_audio(source: Json, profile: Profile) -> Json:
    if profile.audio is False:
        _refuse(profile, "audio")
    media_type = str(source.get("media_type") or "").partition(";")[0].lower()
    kind = _FORMATS.get(media_type)
    if kind is None or "data" not in source:
        raise TransportError(
            f"Audio of type {media_type or source.get('type')!r} does not go to chat completions: "
            "give the bytes of a WAV or MP3 file."
        )
    return {"type": "input_audio", "input_audio": {"data": source["data"], "format": kind}}


def _get_url(source: Json, what: str) -> str:
    if "url" in source:
        return str(source["url"])
    if not {"media_type", "data"} <= source.keys():
        raise TransportError(
            f"{what.capitalize()} by {source.get('type')!r} means nothing to this provider. Give "
            "its bytes or its address."
        )
    return f"data:{source['media_type']};base64,{source['data']}"


def _refuse(profile: Profile, what: str) -> NoReturn:
    raise TransportError(
        f"{profile.name} takes no {what}, and nothing was sent. Leave them out, or ask another "
        "model with -m."
    )
