"""What is known of controls themselves: which of them look at a whole account, and what their services are called."""

# Checks of these look at one thing per account, whichever Region runs them (Security Hub User Guide, "Suggested
# controls to disable"; S3 User Guide, "Blocking public access": the account's setting applies to all Regions).
GLOBAL_CONTROL_PREFIXES = ("ACCOUNT.", "CLOUDFRONT.", "GLOBALACCELERATOR.", "IAM.", "ROUTE53.")
GLOBAL_CONTROLS = frozenset({"S3.1"})

# Filter values are case sensitive. An id of a service that isn't listed is compared in code instead.
SERVICE_NAMES = """
    Account ACM Amplify APIGateway AppConfig AppFlow AppRunner AppSync Athena AutoScaling Backup Batch Bedrock
    BedrockAgentCore CloudFormation CloudFront CloudTrail CloudWatch CodeArtifact CodeBuild CodeGuruProfiler
    CodeGuruReviewer Cognito Config Connect DataFirehose DataSync Detective DMS DocumentDB DynamoDB EC2 ECR
    ECS EFS EKS ElastiCache ElasticBeanstalk ELB EMR ES EventBridge FraudDetector FSx GlobalAccelerator Glue
    GuardDuty IAM Inspector IoT IoTEvents IoTSiteWise IoTTwinMaker IoTWireless IVS Keyspaces Kinesis KMS
    Lambda Macie MQ MSK Neptune NetworkFirewall Opensearch PCA RDS Redshift RedshiftServerless Route53 S3
    SageMaker SecretsManager ServiceCatalog SES SNS SQS SSM StepFunctions Transfer WAF WorkSpaces
"""
SERVICES = {name.upper(): name for name in SERVICE_NAMES.split()}


def is_global(control_id: str) -> bool:
    control = control_id.upper()
    return control in GLOBAL_CONTROLS or control.startswith(GLOBAL_CONTROL_PREFIXES)
