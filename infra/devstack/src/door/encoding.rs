//! Percent-encoding as the gateway reads it: whatever arrives, some text comes out and nothing panics.

use std::collections::BTreeMap;

/// The path as an HTTP API hands it over: percent-decoded once. A `%` without two hex digits stays as it is, and
/// bytes that are not UTF-8 become U+FFFD, so that the function, not the gateway, answers for nonsense.
pub fn decode_path(raw: &str) -> String {
    decode(raw.bytes())
}

/// The decoded query, duplicate names joined by commas in their order; `None` when there is no query.
pub fn query_parameters(raw: &str) -> Option<BTreeMap<String, String>> {
    let mut parameters: BTreeMap<String, String> = BTreeMap::new();
    for pair in raw.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = decode_form(value);
        parameters
            .entry(decode_form(name))
            .and_modify(|joined| {
                joined.push(',');
                joined.push_str(&value);
            })
            .or_insert(value);
    }
    (!parameters.is_empty()).then_some(parameters)
}

fn decode_form(text: &str) -> String {
    decode(text.bytes().map(|byte| if byte == b'+' { b' ' } else { byte }))
}

fn decode(bytes: impl Iterator<Item = u8>) -> String {
    let bytes: Vec<u8> = bytes.collect();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escaped = match bytes.get(at..at + 3) {
            Some([b'%', high, low]) => hex(*high).zip(hex(*low)),
            _ => None,
        };
        match escaped {
            Some((high, low)) => {
                decoded.push(high << 4 | low);
                at += 3;
            }
            None => {
                decoded.push(bytes[at]);
                at += 1;
            }
        }
    }
    match String::from_utf8(decoded) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    }
}

fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_decoded_once() {
        assert_eq!(decode_path("/a%20b/%C3%A9"), "/a b/é");
        assert_eq!(decode_path("/a%2525"), "/a%25");
        assert_eq!(decode_path("/a+b"), "/a+b");
    }

    #[test]
    fn nonsense_survives() {
        assert_eq!(decode_path("/%"), "/%");
        assert_eq!(decode_path("/%z1/%1"), "/%z1/%1");
        assert_eq!(decode_path("/%ff"), "/\u{fffd}");
        assert_eq!(decode_path("/%00"), "/\0");
    }

    #[test]
    fn duplicate_query_names_are_joined() {
        let parameters = query_parameters("parameter1=value1&parameter1=value2&parameter2=value").unwrap_or_default();
        assert_eq!(parameters["parameter1"], "value1,value2");
        assert_eq!(parameters["parameter2"], "value");
        assert_eq!(query_parameters(""), None);
        assert_eq!(query_parameters("&&"), None);
        assert_eq!(
            query_parameters("a+b=c%2Cd&e").unwrap_or_default(),
            BTreeMap::from([("a b".to_owned(), "c,d".to_owned()), ("e".to_owned(), String::new()),])
        );
    }
}
