"""Simulated children drive a real engine: thousands of sessions with an owned clock, and figures.

What an engine is measured with, from Python::

    from calmloop.simulate import answers, experiments, runner
    from calmloop.simulate.children import Kind
    from calmloop.simulate.parallel import workers
    from calmloop.simulate.population import Population
    from calmloop.simulate.product import Product
    from calmloop.simulate.session import Conditions
    from calmloop.simulate.streams import Stream

    children = Population({Kind.CALM: 0.7, Kind.CRIER: 0.3}).draw(200, seed=7)
    how = Conditions(minutes=15, stream=Stream.FOUR_2S, answers_after_s=20.0)
    crew = workers()            # all cores; workers(1) is this process, ray=True a cluster
    traces = runner.run_sessions(Product(), children, how, seed=7, workers=crew)
    for figure in experiments.calm(traces):
        print(figure.name, figure.measured, figure.holds)

Another engine is another `EngineFactory` (`engines`): one call makes the engine of a session, whose
`step` takes an `Observation` and gives a `View`. `product.Product(tuning=Tuning(...))` is the
product's with other settings; `product` is the only module that knows scenario-selector, so that a
new engine is put in there. A factory is pickled: a frozen dataclass at the top of a module will do.

- `truth`, `children`, `population`: what is true of a child, and why; the assumptions stand here.
- `answers`, `streams`, `camera`: what the network says of it, measured on real faces.
- `signals`: movement, heart, voice, identity, eyes, each with stated reliabilities; an engine is
  handed those that its `accepts` names.
- `engines`, `product`, `paper`: the engine's side.
- `session`, `runner`, `parallel`: runs; a trace is the same for the same seed on any workers.
- `metrics`, `intervals`, `figures`, `experiments`, `learning`, `study`: what it amounts to.
- `report`, `plots`, `command`: how it is shown.
"""
