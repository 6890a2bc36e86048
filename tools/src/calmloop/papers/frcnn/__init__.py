"""Faster R-CNN that finds faces and names their group: the paper on athletes' emotions."""
