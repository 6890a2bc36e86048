"""A normal distribution over a few dozen weights, without NumPy: the safety chain carries none."""

import random
from collections.abc import Sequence
from math import sqrt
from operator import mul

Vector = Sequence[float]
Matrix = Sequence[Sequence[float]]


def dot(left: Vector, right: Vector) -> float:
    """Inner product of two vectors, as far as the shorter one goes."""
    total: float = sum(map(mul, left, right))
    return total


class Gaussian:
    """A normal distribution that is given by its precision, as a regression gives it.

    Attributes:
        mean: Shape (n,).
    """

    def __init__(self, precision: Matrix, shift: Vector) -> None:
        """Solves `precision @ mean = shift`.

        Args:
            precision: Inverse of the covariance, symmetric and positive definite, shape (n, n).
            shift: Shape (n,).
        """
        self._lower = _cholesky(precision)
        self._upper = [list(column) for column in zip(*self._lower, strict=True)]
        self.mean = self._solve_upper(self._solve_lower(shift))

    def along(self, row: Vector) -> tuple[float, float]:
        """Mean and standard deviation of `row @ weights`."""
        part = self._solve_lower(row)
        return dot(row, self.mean), sqrt(dot(part, part))

    def deviation(self, at: int) -> float:
        """Standard deviation of one weight."""
        return self.along([float(place == at) for place in range(len(self.mean))])[1]

    def draw(self, rng: random.Random, spread: float) -> list[float]:
        """One draw of all weights, its distance from the mean multiplied by `spread`."""
        chance = self._solve_upper([rng.gauss(0.0, 1.0) for _ in self.mean])
        return [mean + spread * more for mean, more in zip(self.mean, chance, strict=True)]

    def _solve_lower(self, right: Vector) -> list[float]:
        solved: list[float] = []
        for at, row in enumerate(self._lower):
            solved.append((right[at] - dot(row, solved)) / row[at])
        return solved

    def _solve_upper(self, right: Vector) -> list[float]:
        solved = [0.0] * len(right)
        for at in range(len(right) - 1, -1, -1):
            row = self._upper[at]
            solved[at] = (right[at] - dot(row, solved)) / row[at]
        return solved


def _cholesky(matrix: Matrix) -> list[list[float]]:
    """The lower triangular root, zeros above its diagonal (Golub and Van Loan, 4.2.5)."""
    size = len(matrix)
    root: list[list[float]] = []
    for at in range(size):
        row: list[float] = []
        for column in range(at):
            above = root[column]
            row.append((matrix[at][column] - dot(row, above)) / above[column])
        row.append(sqrt(matrix[at][at] - dot(row, row)))
        root.append(row + [0.0] * (size - at - 1))
    return root
