//! The body encoding `aws-chunked`, which SDKs use to send a checksum behind the bytes.

use super::super::call::text;
use bytes::{Bytes, BytesMut};
use http::HeaderMap;

pub(super) fn is_chunked(headers: &HeaderMap) -> bool {
    text(headers, "x-amz-content-sha256").is_some_and(|value| value.starts_with("STREAMING-"))
}

/// The content of the chunks; nothing when they are cut off. Signatures and trailing checksums are not checked.
pub(super) fn decode(body: &[u8]) -> Option<Bytes> {
    let mut content = BytesMut::with_capacity(body.len());
    let mut rest = body;
    loop {
        let end = rest.windows(2).position(|pair| pair == b"\r\n")?;
        let line = std::str::from_utf8(&rest[..end]).ok()?;
        let digits = line.split(';').next()?;
        let size = usize::from_str_radix(digits.trim(), 16).ok()?;
        rest = &rest[end + 2..];
        if size == 0 {
            return Some(content.freeze());
        }
        content.extend_from_slice(rest.get(..size)?);
        rest = rest.get(size..)?.strip_prefix(b"\r\n")?;
    }
}

/// Takes the encoding out of the headers, so that it is not stored with the object.
pub(super) fn forget(headers: &mut HeaderMap) {
    headers.remove("x-amz-decoded-content-length");
    headers.remove("x-amz-trailer");
    let left = text(headers, "content-encoding").map(|value| {
        let others = value.split(',').map(str::trim);
        others.filter(|name| *name != "aws-chunked").collect::<Vec<_>>().join(",")
    });
    headers.remove("content-encoding");
    if let Some(Ok(left)) = left.filter(|left| !left.is_empty()).map(|left| left.parse()) {
        headers.insert("content-encoding", left);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by a panic")]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_joined_and_trailers_dropped() {
        let body = b"3;chunk-signature=0\r\nabc\r\n2\r\nde\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n";
        assert_eq!(decode(body).unwrap(), "abcde");
    }

    #[test]
    fn a_body_that_is_cut_off_is_refused() {
        assert_eq!(decode(b"3\r\nab"), None);
        assert_eq!(decode(b"3\r\nabc\r\n"), None);
        assert_eq!(decode(b"zz\r\n"), None);
    }
}
