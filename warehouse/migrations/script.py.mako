"""${message}"""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    """Only forward: an older schema is restored from the copy that migrate keeps."""
    ${upgrades if upgrades else "pass"}
