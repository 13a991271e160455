"""Chains: steps one after another, run or streamed. It owns no template and no parser."""

from lauren_ai._chains.definition import Chain, chain
from lauren_ai._chains.run import ChainRun, StepNames, StepRun
from lauren_ai._chains.step import Step, StepKind
from lauren_ai._chains.stream import ChainStream

__all__ = ["Chain", "ChainRun", "ChainStream", "Step", "StepKind", "StepNames", "StepRun", "chain"]
