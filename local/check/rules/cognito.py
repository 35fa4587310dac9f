"""User pools and identity pools."""

from local.check.rule import (
    Rule,
    all_of,
    any_item,
    any_of,
    at_least,
    at_most,
    equal,
    false,
    given,
    negated,
    rule,
    true,
    unsettled,
)

USER_POOL = "Cognito::UserPool"
_PASSWORDS = "Policies.PasswordPolicy"
_by_password_only = negated(any_item("Policies.SignInPolicy.AllowedFirstAuthFactors", negated(equal("", "PASSWORD"))))

RULES: list[Rule] = [
    rule("Cognito.1", USER_POOL, equal("UserPoolAddOns.AdvancedSecurityMode", "ENFORCED")),
    rule("Cognito.2", "Cognito::IdentityPool", false("AllowUnauthenticatedIdentities")),
    # A pool without a policy of its own asks for eight characters of all kinds, and a temporary password lasts seven
    # days (Amazon Cognito Developer Guide, "Adding user pool password requirements").
    rule(
        "Cognito.3",
        USER_POOL,
        all_of(
            at_least(f"{_PASSWORDS}.MinimumLength", 8, default=True),
            true(f"{_PASSWORDS}.RequireLowercase"),
            true(f"{_PASSWORDS}.RequireUppercase"),
            true(f"{_PASSWORDS}.RequireNumbers"),
            true(f"{_PASSWORDS}.RequireSymbols"),
            at_most(f"{_PASSWORDS}.TemporaryPasswordValidityDays", 7, default=True),
        ),
        applies=given(_PASSWORDS),
    ),
    rule("Cognito.4", USER_POOL, equal("UserPoolAddOns.AdvancedSecurityAdditionalFlows.CustomAuthMode", "ENFORCED")),
    rule(
        "Cognito.5",
        USER_POOL,
        any_of(
            equal("MfaConfiguration", "ON"),
            all_of(equal("MfaConfiguration", "OPTIONAL"), unsettled("whether Security Hub accepts optional MFA")),
        ),
        applies=_by_password_only,
    ),
    rule("Cognito.6", USER_POOL, equal("DeletionProtection", "ACTIVE")),
]
