//! Lambda's event filter patterns (`FilterCriteria`), after "Filter rule syntax" in the Lambda developer guide.

use serde_json::{Map, Value};

/// Whether `event` fits `pattern`.
pub fn matches(pattern: &Value, event: &Value) -> bool {
    match pattern {
        Value::Object(fields) => fits_all(fields, Some(event)),
        _ => false,
    }
}

/// Every field of the pattern must fit; `$or` needs one of its alternatives to.
fn fits_all(fields: &Map<String, Value>, event: Option<&Value>) -> bool {
    fields.iter().all(|(name, rule)| match (name.as_str(), rule) {
        ("$or", Value::Array(alternatives)) => alternatives.iter().any(|alternative| fits_field(alternative, event)),
        _ => fits_field(rule, event.and_then(|event| event.get(name))),
    })
}

fn fits_field(rule: &Value, value: Option<&Value>) -> bool {
    match rule {
        // A list in the event fits when one of its elements does.
        Value::Object(fields) => match value {
            Some(Value::Array(elements)) => elements.iter().any(|one| fits_all(fields, Some(one))),
            other => fits_all(fields, other),
        },
        Value::Array(alternatives) => alternatives.iter().any(|one| fits_leaf(one, value)),
        _ => false,
    }
}

fn fits_leaf(rule: &Value, value: Option<&Value>) -> bool {
    if let Some(wanted) = rule.get("exists").and_then(Value::as_bool) {
        // Only leaves exist in this sense: an object never does.
        let exists = value.is_some_and(|value| !value.is_object());
        return exists == wanted;
    }
    match value {
        None | Some(Value::Object(_)) => false,
        Some(Value::Array(elements)) => elements.iter().any(|one| fits_value(rule, one)),
        Some(one) => fits_value(rule, one),
    }
}

fn fits_value(rule: &Value, value: &Value) -> bool {
    let Value::Object(operators) = rule else {
        return rule == value;
    };
    !operators.is_empty() && operators.iter().all(|(operator, operand)| fits_operator(operator, operand, value))
}

fn fits_operator(operator: &str, operand: &Value, value: &Value) -> bool {
    let texts = || Some((operand.as_str()?, value.as_str()?));
    match operator {
        "prefix" => texts().is_some_and(|(prefix, text)| text.starts_with(prefix)),
        "suffix" => texts().is_some_and(|(suffix, text)| text.ends_with(suffix)),
        "equals-ignore-case" => texts().is_some_and(|(wanted, text)| text.to_lowercase() == wanted.to_lowercase()),
        "anything-but" => match operand {
            Value::Array(unwanted) => !unwanted.contains(value),
            Value::Object(_) => !fits_value(operand, value),
            unwanted => unwanted != value,
        },
        "numeric" => operand.as_array().zip(value.as_f64()).is_some_and(|(range, number)| in_range(range, number)),
        _ => false,
    }
}

/// `[">", 0, "<=", 5]`: pairs of a comparison and a bound, all of which must hold.
fn in_range(range: &[Value], number: f64) -> bool {
    let pairs = range.chunks(2);
    !range.is_empty()
        && pairs.into_iter().all(|pair| {
            let [Value::String(comparison), bound] = pair else {
                return false;
            };
            let Some(bound) = bound.as_f64() else {
                return false;
            };
            match comparison.as_str() {
                "=" => number == bound,
                "<" => number < bound,
                "<=" => number <= bound,
                ">" => number > bound,
                ">=" => number >= bound,
                _ => false,
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn patterns_match_as_lambda_does() {
        let event = json!({
            "eventName": "INSERT",
            "count": 7,
            "nothing": null,
            "dynamodb": {"NewImage": {"out": {"B": "e30="}, "tags": {"SS": ["red", "blue"]}}},
        });
        let cases = [
            (json!({}), true),
            (json!({"eventName": ["INSERT"]}), true),
            (json!({"eventName": ["MODIFY", "INSERT"]}), true),
            (json!({"eventName": ["MODIFY"]}), false),
            (json!({"eventName": []}), false),
            (json!({"absent": ["x"]}), false),
            (json!({"nothing": [null]}), true),
            (json!({"count": [7]}), true),
            (json!({"count": ["7"]}), false),
            (json!({"dynamodb": {"NewImage": {"out": {"B": [{"exists": true}]}}}}), true),
            (json!({"dynamodb": {"NewImage": {"out": [{"exists": true}]}}}), false),
            (json!({"dynamodb": {"NewImage": {"in": {"B": [{"exists": true}]}}}}), false),
            (json!({"dynamodb": {"NewImage": {"in": {"B": [{"exists": false}]}}}}), true),
            (json!({"dynamodb": {"OldImage": {"in": {"B": [{"exists": false}]}}}}), true),
            (json!({"dynamodb": {"NewImage": {"tags": {"SS": ["blue"]}}}}), true),
            (json!({"dynamodb": {"NewImage": {"tags": {"SS": ["green"]}}}}), false),
            (json!({"eventName": [{"prefix": "INS"}]}), true),
            (json!({"eventName": [{"prefix": "ins"}]}), false),
            (json!({"eventName": [{"suffix": "ERT"}]}), true),
            (json!({"eventName": [{"equals-ignore-case": "insert"}]}), true),
            (json!({"eventName": [{"anything-but": "REMOVE"}]}), true),
            (json!({"eventName": [{"anything-but": ["REMOVE", "INSERT"]}]}), false),
            (json!({"eventName": [{"anything-but": {"prefix": "INS"}}]}), false),
            (json!({"absent": [{"anything-but": "x"}]}), false),
            (json!({"count": [{"numeric": ["=", 7]}]}), true),
            (json!({"count": [{"numeric": [">", 0, "<=", 7]}]}), true),
            (json!({"count": [{"numeric": [">", 0, "<", 7]}]}), false),
            (json!({"eventName": [{"numeric": [">", 0]}]}), false),
            (json!({"eventName": [{"unheard-of": 1}]}), false),
            (json!({"$or": [{"count": [1]}, {"eventName": ["INSERT"]}]}), true),
            (json!({"$or": [{"count": [1]}, {"eventName": ["MODIFY"]}]}), false),
            (json!({"eventName": "INSERT"}), false),
            (json!(["INSERT"]), false),
        ];
        for (pattern, expected) in cases {
            assert_eq!(matches(&pattern, &event), expected, "{pattern}");
        }
    }
}
