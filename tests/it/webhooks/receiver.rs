//! A receiver of webhooks that answers as it is told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;

/// What came in.
#[derive(Clone)]
pub struct Got {
    pub headers: HeaderMap,
    pub body: String,
}

impl Got {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap().to_str().unwrap()
    }
}

/// It says nothing for as long as any test lasts.
pub const HANGS: u16 = 0;

/// How it answers: status and headers.
#[derive(Clone)]
pub struct Says(pub u16, pub &'static [(&'static str, &'static str)]);

pub struct Receiver {
    pub url: String,
    got: Arc<Mutex<Vec<Got>>>,
    next: Arc<Mutex<VecDeque<Says>>>,
    always: Arc<Mutex<Says>>,
}

impl Receiver {
    /// One that takes everything.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let receiver =
            Receiver { url, got: Arc::default(), next: Arc::default(), always: Arc::new(Mutex::new(Says(204, &[]))) };
        let (got, next, always) = (receiver.got.clone(), receiver.next.clone(), receiver.always.clone());
        let router = Router::new().fallback(async move |headers: HeaderMap, body: Bytes| {
            got.lock().unwrap().push(Got { headers, body: String::from_utf8(body.to_vec()).unwrap() });
            let says = next.lock().unwrap().pop_front();
            let says = says.unwrap_or_else(|| always.lock().unwrap().clone());
            // Long enough for others of the same moment to meet this one.
            let pause = if says.0 == HANGS { Duration::from_secs(600) } else { Duration::from_millis(20) };
            tokio::time::sleep(pause).await;
            answer(&says)
        });
        tokio::spawn(async move { axum::serve(listener, router).await });
        receiver
    }

    /// Says this from now on.
    pub fn always(&self, status: u16) -> &Self {
        *self.always.lock().unwrap() = Says(status, &[]);
        self
    }

    /// Says this once, before anything else.
    pub fn once(&self, says: Says) -> &Self {
        self.next.lock().unwrap().push_back(says);
        self
    }

    /// What came in so far.
    pub fn got(&self) -> Vec<Got> {
        self.got.lock().unwrap().clone()
    }
}

fn answer(says: &Says) -> Response {
    let mut response = StatusCode::from_u16(says.0).unwrap().into_response();
    for (name, value) in says.1 {
        response.headers_mut().insert(*name, value.parse().unwrap());
    }
    response
}
