"""The teams of the demo: their routes, and the Slack workspace that these name."""

from local.root import ROOT
from local.slack.directory import Directory, Member

ROUTES = ROOT / "events" / "routes.yaml"
CHANNELS = {"C0SETTLEMENT": "team-settlement", "C0INGEST0001": "team-ingest"}
DIRECTORY = Directory(
    members=(
        Member(id="U0HANASATO1", name="hana.sato", email="hana.sato@example.com"),
        Member(id="U0ROBOT0001", name="build-robot", email="robot@example.com", is_bot=True),
        Member(id="U0LEFT00001", name="left.person", email="left.person@example.com", deleted=True),
    ),
    groups={"S0SETTLE001": "team-settlement", "S0INGEST001": "team-ingest", "S0PLATFORM1": "platform"},
)
