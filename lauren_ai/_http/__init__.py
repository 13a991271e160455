"""HTTP: bytes to server-sent events, failures to our errors, shared clients.

It knows no provider and builds no request.
"""

from lauren_ai._http.response import ChunkDecoder, WireResponse, aiter_chunks

__all__ = ["ChunkDecoder", "WireResponse", "aiter_chunks"]
