"""What Alembic runs: the revisions, on the connection that it was handed; it opens none itself."""

from alembic import context

from tandem.ledger.tables import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
context.run_migrations()
