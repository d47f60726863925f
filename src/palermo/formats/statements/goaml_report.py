"""Transactions of goAML reports, as rows like those of any statement.

Guarantees a row a transaction, from the side that gave to the side that received, or the
transaction set aside with the reason. A report has no balances, so that nothing can be proved of
it. Its profile is the core of the version that it shows: which roles of parties gave and received,
jurisdictions say, and nobody guesses here.
"""

import pyarrow as pa

from palermo.formats.goaml import GoAml
from palermo.formats.statements.parts import BLOCK_ROWS, Draft, Names, Pieces, Remark, Source, tx_id
from palermo.model.statement import READ_ROWS


def read_goaml(source: Source) -> Pieces:
    """Read a report.

    Raises:
        Unreadable: it is damaged XML, declares a document type, or is too deep or too large.
    """
    found = GoAml().payments(source.path, None)
    name = Names(source.name).given(None)
    draft = Draft(name=name, document=source.sha256, format="goaml", kind="payments")
    table = found.table
    for column, values in (
        # The number of a transaction is one report's own; it goes where references are.
        ("bank_ref", table["tx_id"]),
        ("tx_id", pa.array([tx_id(source, n) for n in range(1, table.num_rows + 1)], pa.string())),
        ("statement", pa.array([name] * table.num_rows, pa.string())),
    ):
        at = table.schema.get_field_index(column)
        table = table.set_column(at, table.schema.field(at), values)
    days = table["ts"].cast(pa.date32())
    for field in READ_ROWS:
        if field.name not in table.column_names:
            values = days if field.name == "day" else pa.nulls(table.num_rows, field.type)
            table = table.append_column(field, values)
    yield from table.select(READ_ROWS.names).cast(READ_ROWS).to_batches(max_chunksize=BLOCK_ROWS)
    yield from found.set_aside
    for amount in table["amount_minor"].to_pylist():
        draft.count(amount)
    for _ in found.set_aside:
        draft.count(0)
    yield draft.sealed()
    if zoneless := table.num_rows:
        yield Remark("moments of a report state no time zone and are read as UTC", zoneless)
