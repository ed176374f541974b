//! The template subset: what it means, and what it refuses.

use devstack::template::{Context, Template};
use serde_json::json;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

fn context(parameters: &[(&str, &str)]) -> Context {
    let pairs = parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Context { parameters: pairs.collect(), queue_url_base: "http://127.0.0.1:9002".to_owned() }
}

fn load(source: &str, parameters: &[(&str, &str)]) -> Result<Template, String> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(source.as_bytes()).unwrap();
    let loaded = Template::load(file.path(), &context(parameters));
    // The file's name is different each time; what follows it is not.
    loaded.map_err(|error| error.to_string().replace(&format!("{}:", file.path().display()), ""))
}

const SOURCE: &str = r#"
Transform: AWS::Serverless-2016-10-31
Parameters:
  Stage: { Type: String, Default: dev }
  Mode: { Type: String, Default: plain, AllowedValues: [plain, loud] }
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsLoudOrProd: !Or [!Condition IsProd, !Equals [!Ref Mode, loud]]
  IsQuiet: !Not [!Condition IsLoudOrProd]
Globals:
  Function:
    Timeout: 10
    MemorySize: 256
    Environment:
      Variables: { STAGE: !Ref Stage, TABLE: !Ref Core, MODE: !If [IsQuiet, quiet, loud] }
Resources:
  Core:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: !Sub souk-${Stage}-core
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{ AttributeName: pk, AttributeType: S }]
      KeySchema: [{ AttributeName: pk, KeyType: HASH }]
      StreamSpecification: { StreamViewType: NEW_IMAGE }
      TimeToLiveSpecification: { AttributeName: ttl, Enabled: true }
  Work:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: { "Fn::Sub": "souk-${Stage}-work" }
      VisibilityTimeout: 180
      RedrivePolicy: { deadLetterTargetArn: { "Fn::GetAtt": [Dead, Arn] }, maxReceiveCount: 5 }
  Dead:
    Type: AWS::SQS::Queue
    Properties: { QueueName: !Join ["-", [souk, !Ref Stage, dead]], MessageRetentionPeriod: 1209600 }
  Failures:
    Type: AWS::S3::Bucket
    Properties: { BucketName: !Sub "souk-${AWS::AccountId}" }
  Prodding:
    Type: AWS::SQS::Queue
    Condition: IsProd
    Properties: { QueueName: prodding }
  Alarm:
    Type: AWS::CloudWatch::Alarm
    Properties: { Dimensions: [{ Name: QueueName, Value: !GetAtt Dead.QueueName }] }
  Api: { Type: AWS::Serverless::HttpApi }
  Mapping:
    Type: AWS::ApiGatewayV2::ApiMapping
    DeletionPolicy: Retain
    Properties: { ApiId: !Ref Api, Stage: !Ref Api.Stage }
  Reader:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - PolicyName: reader
          PolicyDocument: { Statement: [{ Effect: Allow, Action: "sqs:ReceiveMessage", Resource: !GetAtt Work.Arn }] }
  Worker:
    Type: AWS::Serverless::Function
    Metadata: { BuildMethod: rust-cargolambda, BuildProperties: { Binary: worker } }
    Properties:
      FunctionName: !Sub souk-${Stage}-worker
      Role: !GetAtt Reader.Arn
      MemorySize: 512
      Environment:
        Variables:
          MODE: own
          QUEUE: !Ref Work
          LITERAL: !Sub "${!Stage}-${Own}-${Core.Arn}"
          GONE: !If [IsProd, here, !Ref AWS::NoValue]
      Policies:
        - AWSLambdaBasicExecutionRole
        - Statement:
            - { Effect: Allow, Action: sqs:SendMessage, Resource: !GetAtt Work.Arn }
      Events:
        Root: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: any, Path: /api/v1/x } }
        Rest: { Type: HttpApi }
        Queue:
          Type: SQS
          Properties:
            Queue: !GetAtt Work.Arn
            FunctionResponseTypes: [ReportBatchItemFailures]
            ScalingConfig: { MaximumConcurrency: 2 }
            MaximumBatchingWindowInSeconds: 1
        Stream:
          Type: DynamoDB
          Properties:
            Stream: !GetAtt Core.StreamArn
            StartingPosition: TRIM_HORIZON
            BatchSize: 50
            MaximumRetryAttempts: 3
            FilterCriteria: { Filters: [{ Pattern: '{"eventName":["INSERT"]}' }] }
            DestinationConfig: { OnFailure: { Type: S3, Destination: !GetAtt Failures.Arn } }
        Daily:
          Type: ScheduleV2
          Properties: { ScheduleExpression: cron(10 0 * * ? *), Input: '{"jobs":[]}' }
Outputs:
  Where: { Value: !Ref Api }
  Prod: { Condition: IsProd, Value: !Ref Prodding }
"#;

/// The source with what only `${Own}` needs.
fn source() -> String {
    SOURCE
        .replace("!Sub \"${!Stage}-${Own}-${Core.Arn}\"", "!Sub [\"${!Stage}-${Own}-${Core.Arn}\", { Own: !Ref Mode }]")
}

#[test]
fn data_is_read_as_declared() {
    let template = load(&source(), &[("Stage", "local")]).unwrap();
    let core = &template.tables[0];
    assert_eq!((core.name.as_str(), core.ttl_attribute.as_deref()), ("souk-local-core", Some("ttl")));
    assert_eq!(core.definition["StreamSpecification"], json!({"StreamEnabled": true, "StreamViewType": "NEW_IMAGE"}));
    let [work, dead] = template.queues.as_slice() else { panic!("{:?}", template.queues) };
    assert_eq!((work.name.as_str(), work.visibility_timeout), ("souk-local-work", Duration::from_secs(180)));
    let redrive = work.redrive.as_ref().unwrap();
    assert_eq!((redrive.dead_letter_queue.as_str(), redrive.receive_count_max), ("souk-local-dead", 5));
    assert_eq!((dead.name.as_str(), dead.retention), ("souk-local-dead", Duration::from_secs(1_209_600)));
    assert_eq!(template.buckets[0].name, "souk-000000000000");
}

#[test]
fn functions_are_read_over_the_globals() {
    let template = load(&source(), &[("Stage", "local")]).unwrap();
    let worker = &template.functions[0];
    assert_eq!((worker.name.as_str(), worker.binary.as_str()), ("souk-local-worker", "worker"));
    assert_eq!((worker.timeout, worker.memory_mb), (Duration::from_secs(10), 512));
    let environment: Vec<(&str, &str)> = worker.environment.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    assert_eq!(
        environment,
        [
            ("LITERAL", "${Stage}-plain-arn:aws:dynamodb:us-east-1:000000000000:table/souk-local-core"),
            ("MODE", "own"),
            ("QUEUE", "http://127.0.0.1:9002/000000000000/souk-local-work"),
            ("STAGE", "local"),
            ("TABLE", "souk-local-core"),
        ]
    );
    let work = "arn:aws:sqs:us-east-1:000000000000:souk-local-work";
    let allowed = |action: &str| json!({ "Effect": "Allow", "Action": action, "Resource": work });
    assert_eq!(worker.policies, [allowed("sqs:SendMessage"), allowed("sqs:ReceiveMessage")]);
    assert_eq!(worker.role.as_deref(), Some("Reader"));
}

#[test]
fn what_does_not_run_here_is_still_declared() {
    let template = load(&source(), &[("Stage", "local")]).unwrap();
    let mapping = template.declared.iter().find(|resource| resource.logical_id == "Mapping").unwrap();
    assert_eq!(mapping.kind, "AWS::ApiGatewayV2::ApiMapping");
    assert_eq!(mapping.deletion_policy.as_deref(), Some("Retain"));
    assert_eq!(mapping.properties, json!({ "ApiId": "Api", "Stage": "$default" }));
    let line = source().lines().position(|line| line.contains("Mapping:")).unwrap() + 1;
    assert!((line..=line + 1).contains(&mapping.line), "{} is not {line}", mapping.line);
    assert!(!template.declared.iter().any(|resource| resource.logical_id == "Prodding"), "not in this stage");
}

#[test]
fn events_are_read_as_declared() {
    let template = load(&source(), &[("Stage", "local")]).unwrap();
    let worker = &template.functions[0];
    let routes: Vec<(&str, &str)> = worker.http_routes.iter().map(|r| (r.method.as_str(), r.path.as_str())).collect();
    assert_eq!(routes, [("ANY", "/api/v1/x"), ("ANY", "$default")]);
    let queue = &worker.queue_sources[0];
    assert_eq!((queue.queue.as_str(), queue.batch_size, queue.max_concurrency), ("souk-local-work", 10, Some(2)));
    assert_eq!((queue.report_batch_item_failures, queue.batching_window), (true, Duration::from_secs(1)));
    let stream = &worker.stream_sources[0];
    assert_eq!((stream.table.as_str(), stream.batch_size, stream.max_retry_attempts), ("souk-local-core", 50, Some(3)));
    assert_eq!(stream.filters, [json!({"eventName": ["INSERT"]})]);
    assert_eq!(stream.on_failure_bucket.as_deref(), Some("souk-000000000000"));
    assert!(stream.from_trim_horizon && !stream.bisect_on_error && !stream.report_batch_item_failures);
    let daily = &worker.schedules[0];
    assert_eq!((daily.name.as_str(), daily.expression.as_str()), ("Daily", "cron(10 0 * * ? *)"));
    assert!(daily.timing.pause("2026-11-20T00:09:00Z".parse().unwrap()) == Some(Duration::from_secs(60)));
    assert_eq!(daily.input, Some(json!({"jobs": []})));
}

#[test]
fn conditions_decide_by_parameters() {
    let prod = load(&source(), &[("Stage", "prod")]).unwrap();
    assert!(prod.queue("prodding").is_some());
    assert_eq!(prod.functions[0].environment["GONE"], "here");
    assert!(load(&source(), &[("Mode", "deafening")]).is_err());
}

/// The source with one text replaced, and what is said to it.
fn refusal(from: &str, to: &str) -> String {
    let source = source();
    assert!(source.contains(from), "{from}");
    load(&source.replacen(from, to, 1), &[]).unwrap_err()
}

const CORS: &str =
    "Api: { Type: AWS::Serverless::HttpApi, Properties: { CorsConfiguration: { AllowOrigins: [\"*\"] } } }";
const LAMBDAS: &str = "-x\", NotificationConfiguration: { LambdaConfigurations: [] } }";

#[test]
fn what_is_not_understood_is_refused_with_its_line() {
    let line_of = |text: &str| source().lines().position(|line| line.contains(text)).unwrap() + 1;
    let work = line_of("QueueName: { \"Fn::Sub\"");
    let cases = [
        ("!Ref Work", "!Ref Wrok", line_of("QUEUE: "), "`Wrok` is neither a parameter nor a resource"),
        ("!Ref Work", "!Ref Prodding", line_of("QUEUE: "), "does not exist under these parameters"),
        ("!Ref Work", "!ImportValue Work", line_of("QUEUE: "), "intrinsic `Fn::ImportValue` is not understood"),
        ("!GetAtt Dead.QueueName", "!GetAtt Dead.Colour", line_of("Dead.QueueName"), "no attribute `Colour`"),
        ("${Stage}-work", "${Stag}-work", work, "`Stag` is neither a parameter nor a resource"),
        ("${Stage}-work", "${Work}-work", work, "refers to itself"),
        ("AWS::CloudWatch::Alarm", "AWS::EC2::Instance", line_of("AWS::CloudWatch"), "kind `AWS::EC2::Instance`"),
        ("VisibilityTimeout: 180", "VisibiltyTimeout: 180", work + 1, "`VisibiltyTimeout` is not understood"),
        ("VisibilityTimeout: 180", "VisibilityTimeout: long", work + 1, "`VisibilityTimeout` cannot be `long`"),
        ("!If [IsProd, here", "!If [IsPord, here", line_of("GONE: "), "condition `IsPord` is not declared"),
        ("IsProd: !Equals", "IsProd: !Equal", line_of("IsProd: "), "`Fn::Equal` is not understood in a condition"),
        ("Api: { Type", "Api: { DependsOn: Ghost, Type", line_of("Api: { Type"), "`Ghost` is not a resource"),
        (
            "Api: { Type: AWS::Serverless::HttpApi }",
            CORS,
            line_of("Api: { Type"),
            "`CorsConfiguration` is not understood",
        ),
        ("MemorySize: 512", "Layers: []", line_of("MemorySize: 512"), "`Layers` is not understood here"),
        ("Role: !GetAtt Reader.Arn", "Role: arn:x", line_of("Role: !GetAtt"), "must be the ARN of a role"),
        ("Value: !Ref Api }", "Value: !Ref Apj }", line_of("Where: "), "`Apj` is neither a parameter nor a resource"),
        (
            "!Ref Api.Stage",
            "!Ref Work.Stage",
            line_of("Api.Stage"),
            "`Work.Stage` is neither a parameter nor a resource",
        ),
        ("-${AWS::AccountId}\" }", LAMBDAS, line_of("BucketName:"), "`LambdaConfigurations` is not understood"),
        ("'{\"eventName\":[\"INSERT\"]}'", "'{'", line_of("Pattern: "), "not JSON"),
        ("cron(10 0 * * ? *)", "cron(10 0 L * ? *)", line_of("ScheduleExpression"), "this schedule is not understood"),
        ("Type: ScheduleV2", "Type: Kinesis", line_of("Type: ScheduleV2"), "events of type `Kinesis`"),
    ];
    for (from, to, line, message) in cases {
        let said = refusal(from, to);
        assert!(said.starts_with(&format!("{line}: ")), "{to}: expected line {line}: {said}");
        assert!(said.contains(message), "{to}: {said}");
    }
}

#[test]
fn the_template_of_the_project_is_understood() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../template.yaml");
    let template = Template::load(&path, &context(&[("Stage", "local")])).unwrap();
    assert!(template.table("souk-local-core").is_some_and(|table| table.stream_view.is_some()));
    for function in &template.functions {
        assert_eq!(function.name, format!("souk-local-{}", function.binary));
        for source in &function.queue_sources {
            assert!(template.queue(&source.queue).is_some_and(|queue| queue.redrive.is_some()), "{}", source.queue);
        }
    }
}
