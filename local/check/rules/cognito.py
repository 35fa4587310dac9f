"""User pools and identity pools."""

from local.check.answer import of
from local.check.parameter import flag, number, some_of
from local.check.rule import (
    Predicate,
    Rule,
    all_of,
    any_item,
    any_of,
    at_least,
    at_most,
    customizable,
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

# What a pool asks for without a policy of its own: characters of all kinds, and so many; and how many days a temporary
# password lasts (Amazon Cognito Developer Guide, "Adding user pool password requirements").
_DEFAULT_LENGTH, _DEFAULT_VALIDITY = 8, 7
_KINDS = ("Lowercase", "Uppercase", "Numbers", "Symbols")


def _has_strong_passwords(length: float, days: float, *are_required: bool) -> Predicate:
    long_enough, short_lived = length <= _DEFAULT_LENGTH, days >= _DEFAULT_VALIDITY
    kinds = [kind for kind, is_required in zip(_KINDS, are_required, strict=True) if is_required]
    return any_of(
        all_of(negated(given(_PASSWORDS)), lambda _: of(long_enough and short_lived)),
        all_of(
            given(_PASSWORDS),
            at_least(f"{_PASSWORDS}.MinimumLength", length, default=long_enough),
            *(true(f"{_PASSWORDS}.Require{kind}") for kind in kinds),
            at_most(f"{_PASSWORDS}.TemporaryPasswordValidityDays", days, default=short_lived),
        ),
    )


RULES: list[Rule] = [
    customizable(
        lambda modes: rule("Cognito.1", USER_POOL, equal("UserPoolAddOns.AdvancedSecurityMode", *modes)),
        some_of("SecurityMode", "AUDIT", "ENFORCED", default=("ENFORCED",)),
    ),
    rule("Cognito.2", "Cognito::IdentityPool", false("AllowUnauthenticatedIdentities")),
    customizable(
        lambda *asked: rule("Cognito.3", USER_POOL, _has_strong_passwords(*asked)),
        number("minLength", 8),
        number("temporaryPasswordValidity", 7),
        *(flag(f"require{kind}", default=True) for kind in _KINDS),
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
