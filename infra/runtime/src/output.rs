//! Reads what a function writes, line by line.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

use crate::plane::lock;

/// Longer lines are cut into pieces of this size: a function must not fill our memory with one line.
const MAX_LINE_BYTES: usize = 64 * 1024;
/// Lines of stderr that a crash report shows.
const TAIL_LINES: usize = 20;

/// The last lines of a stream, oldest first.
#[derive(Clone, Default)]
pub(crate) struct Tail(Arc<Mutex<VecDeque<String>>>);

impl Tail {
    pub(crate) fn push(&self, line: &str) {
        let mut lines = lock(&self.0);
        if lines.len() == TAIL_LINES {
            lines.pop_front();
        }
        lines.push_back(line.to_owned());
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        lock(&self.0).iter().cloned().collect()
    }
}

/// Hands each line to `sink` until the stream ends; bytes that are not UTF-8 are replaced.
pub(crate) async fn read_lines(stream: impl AsyncRead + Unpin, sink: impl Fn(&str)) {
    let mut reader = BufReader::new(stream);
    let mut line = Vec::new();
    loop {
        let chunk = match reader.fill_buf().await {
            Ok(chunk) if !chunk.is_empty() => chunk,
            _ => break,
        };
        let line_end = chunk.iter().position(|byte| *byte == b'\n');
        let taken = line_end.unwrap_or(chunk.len());
        line.extend_from_slice(&chunk[..taken]);
        reader.consume(taken + usize::from(line_end.is_some()));
        if line_end.is_some() || line.len() >= MAX_LINE_BYTES {
            sink(String::from_utf8_lossy(&line).trim_end_matches('\r'));
            line.clear();
        }
    }
    if !line.is_empty() {
        sink(&String::from_utf8_lossy(&line));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn lines_of(bytes: &[u8]) -> Vec<String> {
        let lines = Mutex::new(Vec::new());
        read_lines(bytes, |line| lock(&lines).push(line.to_owned())).await;
        lock(&lines).clone()
    }

    #[tokio::test]
    async fn lines_come_whole_and_the_last_needs_no_end() {
        assert_eq!(lines_of(b"one\r\n\ntwo \xff\nthree").await, ["one", "", "two \u{fffd}", "three"]);
        assert!(lines_of(b"").await.is_empty());
    }

    #[tokio::test]
    async fn a_line_without_end_is_cut() {
        let lines = lines_of(&[b'x'; 5 * MAX_LINE_BYTES]).await;
        assert!(lines.iter().all(|line| line.len() < 2 * MAX_LINE_BYTES));
        assert_eq!(lines.iter().map(String::len).sum::<usize>(), 5 * MAX_LINE_BYTES);
    }

    #[test]
    fn the_tail_keeps_the_last_lines() {
        let tail = Tail::default();
        (0..100).for_each(|number| tail.push(&number.to_string()));
        assert_eq!(tail.lines().first().map(String::as_str), Some("80"));
        assert_eq!(tail.lines().len(), TAIL_LINES);
    }
}
