"""The commands; Keras loads only when one of them runs."""
