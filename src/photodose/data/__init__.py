"""Tables and their provenance: spectra, limits, trials, drugs, devices; their schemas; the one loader."""

from photodose.data.loader import (
    Table,
    data_hash,
    load_document,
    load_table,
    read_user_yaml,
    table_names,
)
from photodose.data.names import nearest_names, resolve_name
from photodose.data.schema import Confidence, DocumentMeta, Record, Source, TableMeta

__all__ = [
    "Confidence",
    "DocumentMeta",
    "Record",
    "Source",
    "Table",
    "TableMeta",
    "data_hash",
    "load_document",
    "load_table",
    "nearest_names",
    "read_user_yaml",
    "resolve_name",
    "table_names",
]
