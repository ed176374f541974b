use super::fixture::{BUCKET, Local};
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use std::time::Duration;

async fn read(local: &Local, key: &str) -> Vec<u8> {
    let object = local.s3().get_object().bucket(BUCKET).key(key).send().await.unwrap();
    object.body.collect().await.unwrap().to_vec()
}

#[tokio::test]
async fn objects_are_kept_under_their_keys() {
    let local = Local::in_memory().await;
    let client = local.s3();
    let key = "2026/11/a b+c.json";
    let body = ByteStream::from_static(b"{}");
    client.put_object().bucket(BUCKET).key(key).content_type("application/json").body(body).send().await.unwrap();
    assert_eq!(read(&local, key).await, b"{}");
    let head = client.head_object().bucket(BUCKET).key(key).send().await.unwrap();
    assert_eq!((head.content_length, head.content_type.as_deref()), (Some(2), Some("application/json")));
    let list = client.list_objects_v2().bucket(BUCKET).prefix("2026/").send().await.unwrap();
    assert_eq!(list.contents()[0].key(), Some(key));
    client.delete_object().bucket(BUCKET).key(key).send().await.unwrap();
    let gone = client.get_object().bucket(BUCKET).key(key).send().await.unwrap_err();
    assert!(gone.into_service_error().is_no_such_key());
}

#[tokio::test]
async fn a_streamed_body_arrives_without_its_encoding() {
    let local = Local::in_memory().await;
    let file = tempfile::NamedTempFile::new().unwrap();
    let content = vec![7; 300_000];
    std::fs::write(file.path(), &content).unwrap();
    let body = ByteStream::from_path(file.path()).await.unwrap();
    local.s3().put_object().bucket(BUCKET).key("large").body(body).send().await.unwrap();
    assert_eq!(read(&local, "large").await, content);
}

#[tokio::test]
async fn presigned_urls_work_without_credentials_and_bare_ones_do_not() {
    let local = Local::in_memory().await;
    let valid = PresigningConfig::expires_in(Duration::from_secs(60)).unwrap();
    let put = local.s3().put_object().bucket(BUCKET).key("upload").presigned(valid.clone()).await.unwrap();
    let http = reqwest::Client::new();
    assert_eq!(http.put(put.uri()).body("content").send().await.unwrap().status(), 200);
    let get = local.s3().get_object().bucket(BUCKET).key("upload").presigned(valid).await.unwrap();
    assert_eq!(http.get(get.uri()).send().await.unwrap().text().await.unwrap(), "content");
    let bare = format!("http://{}/{BUCKET}/upload", local.cloud.address());
    assert_eq!(http.get(bare).send().await.unwrap().status(), 403);
}

#[tokio::test]
async fn event_sources_store_what_failed() {
    let local = Local::in_memory().await;
    local.cloud.put_object(BUCKET, "failed/1 a.json", b"{}".to_vec()).await.unwrap();
    assert_eq!(read(&local, "failed/1 a.json").await, b"{}");
    assert!(local.cloud.put_object("absent-bucket", "x", Vec::new()).await.is_err());
}
