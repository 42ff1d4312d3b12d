"""A register with second records, normalised, blocked and compared: what training learns from."""

from yba.identity.matching import batch
from yba.synth import dirty


def compared(engine, model, count, seed=51):
    """Make the tables ``row`` and ``compared`` of ``count`` residents and their dirty copies."""
    people = list(dirty.residents(seed, count))
    people += [row for row, _ in dirty.copies(seed, people)]
    engine.execute(f"CREATE TABLE said (number INT, {', '.join(f'{text} VARCHAR' for text in batch.TEXTS)})")
    columns = [list(range(len(people))), *([getattr(row, text, "") for row in people] for text in batch.TEXTS)]
    engine.execute(f"INSERT INTO said SELECT {', '.join(f'unnest(${at + 1})' for at in range(len(columns)))}", columns)  # no values
    batch.normalise(engine, model.set, "said", "feature")
    batch.own_rarities(engine, model)
    batch.block(engine, model.set)
    batch.compare(engine, model.set)
