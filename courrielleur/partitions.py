"""Tables partitioned by month of a date column: made by a migration, kept up by the minute tick.

Django makes no partitioned tables; this operation is `CreateModel` with PARTITION BY RANGE and a default
partition, so that no row is ever refused for want of a month.
"""

from datetime import date

from django.db import connection, migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import ProjectState
from psycopg import sql


class CreatePartitionedModel(migrations.CreateModel):
    """`CreateModel` whose table is partitioned by range of the date column *partition_by*.

    The column must be part of the primary key (PostgreSQL §5.12.2).
    """

    def __init__(self, *args: object, partition_by: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # handed through untouched
        self.partition_by = partition_by

    def deconstruct(self):  # type: ignore[no-untyped-def]  # Django's own signature is untyped
        name, args, kwargs = super().deconstruct()
        return name, args, {**kwargs, "partition_by": self.partition_by}

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        model = to_state.apps.get_model(app_label, self.name)
        if not self.allow_migrate_model(schema_editor.connection.alias, model):
            return
        create, params = schema_editor.table_sql(model)
        table, column = (schema_editor.quote_name(name) for name in (model._meta.db_table, self.partition_by))
        schema_editor.execute(f"{create} PARTITION BY RANGE ({column})", params or None)
        default = schema_editor.quote_name(f"{model._meta.db_table}_default")
        schema_editor.execute(f"CREATE TABLE {default} PARTITION OF {table} DEFAULT")


def ensure_months(table: str, months: list[date]) -> list[str]:
    """Make the partitions of *table* for these months (first days). Return the names of those that were new.

    A month whose rows already lie in the default partition stays there: moving them would lock the table.
    """
    made = []
    with connection.cursor() as cursor:
        for month in months:
            name = f"{table}_{month:%Y_%m}"
            following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
            cursor.execute("SELECT to_regclass(%s)", [name])
            if cursor.fetchone() != (None,):
                continue
            cursor.execute(
                sql.SQL("SELECT 1 FROM {} WHERE send_day >= %s AND send_day < %s LIMIT 1").format(
                    sql.Identifier(f"{table}_default")
                ),
                [month, following],
            )
            if cursor.fetchone():
                continue
            cursor.execute(
                sql.SQL("CREATE TABLE IF NOT EXISTS {} PARTITION OF {} FOR VALUES FROM ({}) TO ({})").format(
                    sql.Identifier(name), sql.Identifier(table), sql.Literal(month), sql.Literal(following)
                )
            )
            made.append(name)
    return made
