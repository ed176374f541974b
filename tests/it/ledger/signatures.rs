//! Signatures of gateways: every case that their own libraries are tested with.

use aws_lc_rs::hmac;
use domain::Time;
use domain::ledger::signature::{GatewaySecret, Unsigned, verify_body, verify_confirmation, verify_timed};
use serde_json::Value;

fn stripe() -> Value {
    serde_json::from_str(include_str!("../../vectors/stripe/stripe_webhook_vectors.json")).unwrap()
}

fn razorpay() -> Value {
    serde_json::from_str(include_str!("../../vectors/razorpay/razorpay_vectors.json")).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// The HMAC by another library than the one under test.
fn hex_hmac(secret: &str, message: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    hmac::sign(&key, message.as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn what_stripe_accepts_is_accepted_and_what_it_refuses_refused() {
    let vectors = stripe();
    let secret = text(&vectors["secret"]);
    let now = Time::from_millis(1_795_168_800_000);
    let tolerance = vectors["default_tolerance_s"].as_i64().unwrap();
    let mut told = Vec::new();
    for case in vectors["cases"].as_array().unwrap() {
        let (id, payload) = (text(&case["id"]), text(&case["payload"]));
        let seconds = match case["timestamp"].as_str() {
            Some("now-(tolerance+15)") => now.seconds() - tolerance - 15,
            _ => now.seconds(),
        };
        let signed = hex_hmac(secret, &format!("{seconds}.{payload}"));
        // A header that is missing is one that is empty.
        let header = case["header"].as_str().unwrap_or_default();
        let header = header.replace("{hdr:v0}", &format!("t={seconds},v0={signed}"));
        let header = header.replace("{hdr}", &format!("t={seconds},v1={signed}")).replace("{t}", &seconds.to_string());
        let verified = verify_timed(&header, payload.as_bytes(), &[secret], now);
        let expected = match text(&case["expect"]) {
            "accept" => Ok(()),
            "reject" => Err(Unsigned),
            // What is signed and makes no sense passes here, and is refused or ignored by whoever parses it.
            "400 and no effect" | "4xx/ignored, no effect" => Ok(()),
            "service must refuse to start or reject; stripe-node raises on whitespace in secret" => {
                assert!(GatewaySecret::parse(&format!("{secret} ")).is_err() && GatewaySecret::parse(secret).is_ok());
                Ok(())
            }
            other => panic!("{id}: {other}"),
        };
        assert_eq!(verified, expected, "{id}: {header}");
        told.push(expected.is_ok());
    }
    assert_eq!((told.len(), told.iter().filter(|accepted| **accepted).count()), (16, 8));
}

#[test]
fn stripes_signatures_of_a_fixed_time_are_ours() {
    let vectors = stripe();
    for vector in vectors["hmac_primitive_vectors"].as_array().unwrap() {
        let (secret, payload, expected) = (text(&vector["secret"]), text(&vector["payload"]), text(&vector["hex"]));
        assert_eq!(hex_hmac(secret, payload), expected);
        assert_eq!(verify_body(expected, payload.as_bytes(), &[secret]), Ok(()), "{payload}");
    }
    for vector in vectors["fixed_time_vectors"].as_array().unwrap() {
        let then = Time::from_millis(vector["t"].as_i64().unwrap() * 1000);
        let verify = |now| {
            let secret = text(&vectors["secret"]);
            verify_timed(text(&vector["header"]), text(&vector["payload"]).as_bytes(), &[secret], now)
        };
        assert_eq!(verify(then), Ok(()));
        assert_eq!(verify(Time::from_millis(1_795_168_800_000)), Err(Unsigned), "too old");
    }
}

#[test]
fn what_razorpay_accepts_is_accepted_and_what_it_refuses_refused() {
    let body_file = include_bytes!("../../vectors/razorpay/fake_payment_authorized_webhook.json");
    assert_eq!(body_file.len(), 971, "to the byte, the last newline included");
    let vectors = razorpay();
    let mut kinds = Vec::new();
    for vector in vectors["vectors"].as_array().unwrap() {
        let (id, secret, signature) = (text(&vector["id"]), text(&vector["secret"]), text(&vector["signature"]));
        let verified = match text(&vector["kind"]) {
            "webhook" => {
                let body = vector["body"].as_str().map_or(body_file.as_slice(), str::as_bytes);
                verify_body(signature, body, &[secret])
            }
            "payment" | "subscription" => {
                let (order, payment) = text(&vector["message"]).split_once('|').unwrap();
                verify_confirmation(order, payment, signature, &secret)
            }
            // Four parts: of the same algorithm, but no message of ours.
            "payment_link" => verify_body(signature, text(&vector["message"]).as_bytes(), &[secret]),
            other => panic!("{id}: {other}"),
        };
        let expected = if vector["expect"] == "accept" { Ok(()) } else { Err(Unsigned) };
        assert_eq!(verified, expected, "{id}");
        kinds.push(text(&vector["kind"]));
    }
    kinds.dedup();
    assert_eq!(kinds, ["webhook", "payment", "subscription", "payment_link"]);
}
