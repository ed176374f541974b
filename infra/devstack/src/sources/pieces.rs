//! Batches that one event can hold.

use std::ops::Range;

/// Cuts records of these sizes, in bytes, into batches of at most `most` records and `most_bytes`; a record that is
/// larger goes alone.
pub fn pieces(sizes: &[usize], most: usize, most_bytes: usize) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for (index, size) in sizes.iter().enumerate() {
        if index > start && (index - start >= most.max(1) || bytes + size > most_bytes) {
            pieces.push(start..index);
            (start, bytes) = (index, 0);
        }
        bytes += size;
    }
    if start < sizes.len() {
        pieces.push(start..sizes.len());
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_count_nor_bytes_are_exceeded() {
        assert_eq!(pieces(&[1; 5], 2, 100), [0..2, 2..4, 4..5]);
        assert_eq!(pieces(&[60, 60, 30], 10, 100), [0..1, 1..3]);
        assert_eq!(pieces(&[500, 1], 10, 100), [0..1, 1..2]);
        assert_eq!(pieces(&[1, 500], 10, 100), [0..1, 1..2]);
        assert_eq!(pieces(&[], 10, 100), Vec::<Range<usize>>::new());
    }
}
