"""CLIP ViT-L/14 with LoRA and a small head, for expressions: the paper on athletes' faces."""
