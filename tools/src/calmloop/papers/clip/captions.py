"""Sentences about faces: captions from FER+ votes, prompts for zero-shot, and their tokenizer."""

from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.normalizers import Lowercase
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from calmloop.base.errors import InputError
from calmloop.contract.messages.emotion import EMOTIONS
from calmloop.training.data.faces import IntArray, voted_columns

WORDS = ("angry", "disgusted", "fearful", "happy", "sad", "surprised", "neutral")
"""As a person is said to look, in the order of EMOTIONS."""

TEMPLATES = (
    "a photo of a {} face",
    "a {} face",
    "a gray photo of a {} person",
    "somebody who looks {}",
    "the face of a {} person",
    "a close photo of somebody {}",
)

CONTEXT = 12
PAD, START, END, UNKNOWN = "<|pad|>", "<|startoftext|>", "<|endoftext|>", "<|unknown|>"


def prompts() -> list[list[str]]:
    """For each of EMOTIONS the sentences that stand for it."""
    return [[template.format(word) for template in TEMPLATES] for word in WORDS]


def draw_captions(votes: IntArray, rng: np.random.Generator) -> list[str]:
    """A sentence about each face: its word is drawn as its FER+ votes (N, 10) fall.

    Only votes for one of EMOTIONS count; every face needs one, see ``can_be_captioned``.
    """
    counted = voted_columns(votes)
    shares = counted / counted.sum(axis=1, keepdims=True)
    drawn = (shares.cumsum(axis=1) < rng.random(len(votes))[:, None]).sum(axis=1)
    templates = rng.integers(len(TEMPLATES), size=len(votes))
    return [
        TEMPLATES[template].format(WORDS[min(int(word), len(EMOTIONS) - 1)])
        for word, template in zip(drawn, templates, strict=True)
    ]


def can_be_captioned(votes: IntArray) -> Any:
    """Which faces (N,) have a vote for one of EMOTIONS."""
    return voted_columns(votes).any(axis=1)


def build_tokenizer() -> Any:
    """One token a word, of those alone that occur in the sentences above; saved with the CLIP."""
    words = sorted({word for sentences in prompts() for one in sentences for word in one.split()})
    names = (PAD, START, END, UNKNOWN, *words)
    tokenizer = Tokenizer(WordLevel({name: n for n, name in enumerate(names)}, UNKNOWN))
    tokenizer.normalizer = Lowercase()
    tokenizer.pre_tokenizer = Whitespace()
    ends = [(START, names.index(START)), (END, names.index(END))]
    tokenizer.post_processor = TemplateProcessing(f"{START} $A {END}", special_tokens=ends)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=START,
        eos_token=END,
        pad_token=PAD,
        unk_token=UNKNOWN,
        model_max_length=CONTEXT,
    )


def load_tokenizer(path: Path) -> Any:
    """The tokenizer beside a CLIP.

    Raises:
        InputError: there is none.
    """
    try:
        return AutoTokenizer.from_pretrained(str(path), local_files_only=True)
    except (OSError, ValueError) as error:
        raise InputError(f"{path} holds no tokenizer: zero-shot needs it ({error})") from error
