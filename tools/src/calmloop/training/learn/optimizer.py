"""AdamW with a warm-up and then a cosine, or steps down."""

import keras

from calmloop.training.learn.recipe import Recipe, Schedule

STEP_FACTOR = 0.1
"""Ten times less every ``step_epochs``, 20 unless said otherwise: as Zhou and Yang train."""


def build_optimizer(recipe: Recipe, batches: int) -> keras.optimizers.Optimizer:
    """The optimizer of a run with that many batches an epoch."""
    optimizer = keras.optimizers.AdamW(_rate(recipe, batches), weight_decay=recipe.weight_decay)
    optimizer.exclude_from_weight_decay(var_names=["gamma", "beta", "bias", "centres"])
    return optimizer


def _rate(recipe: Recipe, batches: int) -> float | keras.optimizers.schedules.LearningRateSchedule:
    if recipe.schedule is Schedule.STEP:
        ends = range(recipe.step_epochs, recipe.epochs, recipe.step_epochs)
        if not ends:
            return recipe.peak_learning_rate
        rates = [recipe.peak_learning_rate * STEP_FACTOR**n for n in range(len(ends) + 1)]
        return keras.optimizers.schedules.PiecewiseConstantDecay(
            [end * batches for end in ends], rates
        )
    warmup = round(recipe.warmup_epochs * batches)
    return keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=recipe.peak_learning_rate / 25,
        decay_steps=max(1, recipe.epochs * batches - warmup),
        warmup_target=recipe.peak_learning_rate,
        warmup_steps=warmup,
    )
