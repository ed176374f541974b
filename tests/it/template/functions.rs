//! How each function is deployed and what it leaves behind.

use devstack::template::{Declared, Template};
use serde_json::json;

use super::{everything, of_kind};

/// Functions whose logs are kept for ever, or in a group that appears by itself.
pub fn without_log_retention(template: &Template) -> Vec<String> {
    let kept_for_ever = |function: &&Declared| {
        let group = &function.properties["LoggingConfig"]["LogGroup"];
        let groups = of_kind(template, "AWS::Logs::LogGroup");
        let own = groups.into_iter().find(|known| *group == known.logical_id.as_str());
        own.is_none_or(|group| group.properties["RetentionInDays"].is_null())
    };
    functions(template).filter(kept_for_ever).map(|function| function.logical_id.clone()).collect()
}

fn functions(template: &Template) -> impl Iterator<Item = &Declared> {
    of_kind(template, "AWS::Serverless::Function")
}

#[test]
fn each_function_shifts_to_a_new_version_under_an_alarm() {
    let template = everything();
    for function in functions(&template) {
        let (name, properties) = (&function.logical_id, &function.properties);
        assert_eq!(properties["AutoPublishAliasAllProperties"], true, "{name}");
        let alarms = properties["DeploymentPreference"]["Alarms"].as_array().unwrap();
        // An alarm of the function itself: its name begins like the function's.
        let own = name.strip_suffix("Function").unwrap();
        assert_eq!(*alarms, [json!(format!("{own}Errors"))], "{name}");
    }
}

#[test]
fn each_http_function_has_an_alarm_for_its_slowest_requests() {
    let template = everything();
    for function in template.functions.iter().filter(|function| !function.http_routes.is_empty()) {
        let wanted = json!([{ "Name": "function", "Value": function.name }]);
        let found = of_kind(&template, "AWS::CloudWatch::Alarm").any(|alarm| {
            let properties = &alarm.properties;
            properties["MetricName"] == "latency"
                && properties["ExtendedStatistic"] == "p99"
                && properties["Dimensions"] == wanted
        });
        assert!(found, "{}", function.name);
    }
}

#[test]
fn each_stream_has_an_alarm_for_its_age() {
    let template = everything();
    for function in template.functions.iter().filter(|function| !function.stream_sources.is_empty()) {
        let wanted = json!([{ "Name": "FunctionName", "Value": function.name }]);
        let mut alarms = of_kind(&template, "AWS::CloudWatch::Alarm");
        let found = alarms
            .any(|alarm| alarm.properties["MetricName"] == "IteratorAge" && alarm.properties["Dimensions"] == wanted);
        assert!(found, "{}", function.name);
    }
}
