"""Data sources of Amazon Bedrock; runtimes, gateways, memory and tools of Bedrock AgentCore."""

from local.check.rule import Rule, all_of, any_of, equal, given, rule, true, unsettled

GATEWAY, BROWSER = "BedrockAgentCore::Gateway", "BedrockAgentCore::BrowserCustom"
_IN_VPC = equal("NetworkConfiguration.NetworkMode", "VPC")

RULES: list[Rule] = [
    rule("Bedrock.1", "Bedrock::DataSource", given("ServerSideEncryptionConfiguration.KmsKeyArn")),
    rule("BedrockAgentCore.1", "BedrockAgentCore::Runtime", _IN_VPC),
    rule(
        "BedrockAgentCore.2",
        GATEWAY,
        any_of(
            equal("AuthorizerType", "AWS_IAM", "CUSTOM_JWT"),
            all_of(
                equal("AuthorizerType", "AUTHENTICATE_ONLY"),
                unsettled("whether Security Hub takes authentication alone for authorization"),
            ),
        ),
    ),
    rule("BedrockAgentCore.3", "BedrockAgentCore::Memory", given("EncryptionKeyArn")),
    rule("BedrockAgentCore.4", GATEWAY, given("KmsKeyArn")),
    rule("BedrockAgentCore.5", BROWSER, _IN_VPC),
    rule(
        "BedrockAgentCore.6",
        BROWSER,
        all_of(true("RecordingConfig.Enabled"), given("RecordingConfig.S3Location.Bucket")),
    ),
    rule("BedrockAgentCore.7", "BedrockAgentCore::CodeInterpreterCustom", _IN_VPC),
]
