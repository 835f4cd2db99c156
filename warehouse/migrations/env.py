"""Alembic's entry: runs the revisions in the transaction that `connecting.migrate` has begun."""

from alembic import context

from warehouse.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
