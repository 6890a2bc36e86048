"""Keeps the libraries' progress bars, and their reports on what they left out, off the screen."""

import warnings

from transformers.utils import logging


def hush() -> None:
    """For a command: what matters of it the command says itself."""
    logging.disable_progress_bar()
    logging.set_verbosity_error()
    warnings.filterwarnings("ignore", category=FutureWarning, module="transformers")
