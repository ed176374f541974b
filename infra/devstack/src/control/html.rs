//! Text as HTML.

use std::fmt::Write as _;

/// Text that no browser takes for markup, in an element or a quoted attribute.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            // A page with a NUL is no page to some parsers.
            '\0' => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

/// The same, with web addresses made links.
pub fn escape_with_links(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for word in text.split_inclusive(char::is_whitespace) {
        let (word, space) = word.split_at(word.trim_end().len());
        let is_link = word.starts_with("http://") || word.starts_with("https://");
        let word = escape(word);
        // Writing into a String does not fail.
        let _ = match is_link {
            true => write!(escaped, r#"<a href="{word}" rel="noreferrer">{word}</a>{space}"#),
            false => write!(escaped, "{word}{space}"),
        };
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_escapes_the_escape() {
        assert_eq!(escape(r#"<script>&"'"#), "&lt;script&gt;&amp;&quot;&#39;");
        let link = escape_with_links("see http://x/?a=1&b=\"><script> now\n");
        assert!(
            !link.contains("<script") && link.contains(r#"<a href="http://x/?a=1&amp;b=&quot;&gt;&lt;script&gt;""#)
        );
        assert_eq!(escape_with_links("javascript:alert(1)\n"), "javascript:alert(1)\n");
    }
}
