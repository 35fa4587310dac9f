"""Portfolios of Service Catalog."""

from local.check.answer import Answer, some
from local.check.rule import Rule, judged
from local.check.rules.policy import attached
from local.check.template import Resource, Template
from local.check.value import at


def _within_organization(portfolio: Resource, template: Template) -> Answer:
    """CloudFormation shares with single accounts only; those of the organization are reached in another way."""
    return ~some(
        attached(portfolio, share, at(share.properties, "PortfolioId"), "Id")
        for share in template.of_type("AWS::ServiceCatalog::PortfolioShare")
    )


RULES: list[Rule] = [
    judged("ServiceCatalog.1", "ServiceCatalog::Portfolio", _within_organization),
]
