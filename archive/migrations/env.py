"""Alembic's entry: runs on the engine that archive.database hands over."""

from alembic import context

with context.config.attributes["engine"].begin() as connection:
    context.configure(connection=connection, version_table=context.config.attributes["version_table"])
    with context.begin_transaction():
        context.run_migrations()
