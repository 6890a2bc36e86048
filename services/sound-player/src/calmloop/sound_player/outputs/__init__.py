"""The kinds of output to choose from: a file here is one, with its settings and its class."""
