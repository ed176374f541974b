//! The resource kinds of the subset: those that run locally, and those that matter in AWS only.

/// What a resource is to the local cloud.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Table,
    Queue,
    Bucket,
    HttpApi,
    Function,
    /// Known, not run locally.
    CloudOnly,
}

/// Known, not run locally: alarms, rights, names, mail identities and the like. A name that ends in `::` stands for its family.
const CLOUD_ONLY: &[&str] = &[
    "AWS::ApiGatewayV2::ApiMapping",
    "AWS::ApiGatewayV2::DomainName",
    "AWS::ApplicationInsights::",
    "AWS::Budgets::",
    "AWS::CloudWatch::",
    "AWS::Events::",
    "AWS::IAM::",
    "AWS::KMS::",
    "AWS::Lambda::Permission",
    "AWS::Logs::",
    "AWS::S3::BucketPolicy",
    "AWS::SES::",
    "AWS::SNS::",
    "AWS::SQS::QueuePolicy",
    "AWS::SSM::",
    "AWS::Scheduler::ScheduleGroup",
    "AWS::WAFv2::",
    "AWS::XRay::",
];

impl Kind {
    /// The kind a `Type` names, or nothing when the local cloud does not know it.
    pub fn of(name: &str) -> Option<Kind> {
        match name {
            "AWS::DynamoDB::Table" => Some(Kind::Table),
            "AWS::SQS::Queue" => Some(Kind::Queue),
            "AWS::S3::Bucket" => Some(Kind::Bucket),
            "AWS::Serverless::HttpApi" => Some(Kind::HttpApi),
            "AWS::Serverless::Function" => Some(Kind::Function),
            other => CLOUD_ONLY
                .iter()
                .any(|known| if known.ends_with("::") { other.starts_with(known) } else { other == *known })
                .then_some(Kind::CloudOnly),
        }
    }

    /// The property that holds the physical name.
    pub fn name_property(self) -> &'static str {
        match self {
            Kind::Table => "TableName",
            Kind::Queue => "QueueName",
            Kind::Bucket => "BucketName",
            Kind::Function => "FunctionName",
            Kind::HttpApi | Kind::CloudOnly => "Name",
        }
    }
}
