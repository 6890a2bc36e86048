"""How well systems agree with human experts on the same faces, after Table 1 of the main paper."""
