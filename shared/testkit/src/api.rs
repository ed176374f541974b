//! Requests straight into the routers, as API Gateway would send them to the function that owns the path.

use axum::Router;
use axum::body::Body;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequestContext;
use lambda_http::request::RequestContext;
use serde_json::Value;
use tower::ServiceExt;

/// The functions of a test, by the prefix of their paths.
#[derive(Clone)]
pub struct Api(Vec<(&'static str, Router)>);

/// A request in the making.
pub struct Call<'a> {
    api: &'a Api,
    request: http::request::Builder,
    path: String,
    body: Vec<u8>,
    ip: String,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as text.
    pub text: String,
    /// The body as JSON; `null` when it is none.
    pub json: Value,
}

impl Api {
    /// Functions by prefix; the first prefix that fits answers.
    pub fn new(functions: Vec<(&'static str, Router)>) -> Self {
        Api(functions)
    }

    /// A request without a body.
    pub fn call(&self, method: Method, path: &str) -> Call<'_> {
        let request = Request::builder().method(method).uri(path);
        Call { api: self, request, path: path.to_owned(), body: Vec::new(), ip: "192.0.2.1".to_owned() }
    }

    /// GET.
    pub fn get(&self, path: &str) -> Call<'_> {
        self.call(Method::GET, path)
    }

    /// POST of a JSON body.
    pub fn post(&self, path: &str, body: Value) -> Call<'_> {
        self.call(Method::POST, path).json(body)
    }

    /// PUT with a JSON body.
    pub fn put(&self, path: &str, body: Value) -> Call<'_> {
        self.call(Method::PUT, path).json(body)
    }

    /// PATCH with a JSON body.
    pub fn patch(&self, path: &str, body: Value) -> Call<'_> {
        self.call(Method::PATCH, path).json(body)
    }
}

impl Call<'_> {
    /// Adds a JSON body.
    pub fn json(self, body: Value) -> Self {
        self.header("content-type", "application/json").body(body.to_string())
    }

    /// Adds a body as it is.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Adds a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    /// Adds an access token.
    pub fn token(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// Comes from another source address than usual.
    pub fn from(mut self, ip: &str) -> Self {
        self.ip = ip.to_owned();
        self
    }

    /// Sends it.
    pub async fn send(self) -> Answer {
        let found = self.api.0.iter().find(|(prefix, _)| self.path.starts_with(prefix));
        let (_, router) = found.expect("a function for the path");
        let mut context = ApiGatewayV2httpRequestContext::default();
        context.http.source_ip = Some(self.ip);
        let request = self.request.extension(RequestContext::ApiGatewayV2(context));
        let response = router.clone().oneshot(request.body(Body::from(self.body)).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer { status: parts.status, headers: parts.headers, text, json }
    }
}

impl Answer {
    /// Asserts the status, with the body in the message.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }

    /// Asserts that it failed with this status and code, in the envelope.
    #[track_caller]
    pub fn expect_failure(self, status: u16, code: &str) -> Self {
        let answer = self.expect(status);
        assert_eq!(answer.json["success"], false, "{}", answer.text);
        assert_eq!(answer.json["code"], code, "{}", answer.text);
        assert_eq!(answer.json["statusCode"], status, "{}", answer.text);
        assert_eq!(answer.json["requestId"].as_str(), answer.header("x-request-id"), "{}", answer.text);
        assert!(answer.json["timestamp"].is_string() && answer.json["details"].is_array(), "{}", answer.text);
        answer
    }

    /// `data` of the envelope.
    pub fn data(&self) -> &Value {
        &self.json["data"]
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}
