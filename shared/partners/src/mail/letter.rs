//! What a mail says, once: its text and its HTML are made from the same parts, and every part is escaped.

use domain::identity::EmailAddress;

use super::{Line, Mail};

/// A mail in the making, part by part.
#[derive(Clone)]
pub struct Letter {
    subject: Line,
    parts: Vec<Part>,
}

#[derive(Clone)]
enum Part {
    Paragraph(String),
    Link(String),
    Code(String),
}

impl Letter {
    /// An empty letter.
    pub fn new(subject: Line) -> Self {
        Letter { subject, parts: Vec::new() }
    }

    /// Goes on with a paragraph.
    pub fn paragraph(self, text: impl Into<String>) -> Self {
        self.and(Part::Paragraph(text.into()))
    }

    /// Goes on with a link, on a line of its own.
    pub fn link(self, url: impl Into<String>) -> Self {
        self.and(Part::Link(url.into()))
    }

    /// Goes on with something to copy, on a line of its own.
    pub fn code(self, text: impl Into<String>) -> Self {
        self.and(Part::Code(text.into()))
    }

    /// The finished mail.
    pub fn addressed_to(self, to: EmailAddress) -> Mail {
        let text: Vec<&str> = self.parts.iter().map(Part::text).collect();
        let html: String = self.parts.iter().map(Part::html).collect();
        let title = escape(self.subject.as_str());
        Mail {
            to,
            text: format!("{}\n", text.join("\n\n")),
            html: format!(
                "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>{title}</title></head>\n\
                 <body style=\"font-family: sans-serif; line-height: 1.5\">\n{html}</body>\n</html>\n"
            ),
            subject: self.subject,
        }
    }

    fn and(mut self, part: Part) -> Self {
        self.parts.push(part);
        self
    }
}

impl Part {
    fn text(&self) -> &str {
        match self {
            Part::Paragraph(text) | Part::Link(text) | Part::Code(text) => text,
        }
    }

    fn html(&self) -> String {
        let text = escape(self.text());
        match self {
            Part::Paragraph(_) => format!("<p>{text}</p>\n"),
            Part::Link(_) => format!("<p><a href=\"{text}\">{text}</a></p>\n"),
            Part::Code(_) => format!("<pre style=\"white-space: pre-wrap; word-break: break-all\">{text}</pre>\n"),
        }
    }
}

/// Text as it may stand anywhere in HTML, attributes in quotes included.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by a panic")]
mod tests {
    use super::*;

    const HOSTILE: &str = "\"><script>alert('x')</script>&";
    const ESCAPED: &str = "&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;";

    #[test]
    fn every_value_is_escaped_in_html_and_stays_as_it_is_in_text() {
        let subject: Line = HOSTILE.parse().unwrap();
        let letter = Letter::new(subject).paragraph(HOSTILE).link(HOSTILE).code(HOSTILE);
        let mail = letter.addressed_to("ada@example.com".parse().unwrap());
        // Title, paragraph, the link's target and its words, code.
        assert_eq!(mail.html.matches(ESCAPED).count(), 5);
        assert!(!mail.html.contains("<script>"));
        assert_eq!(mail.text, format!("{HOSTILE}\n\n{HOSTILE}\n\n{HOSTILE}\n"));
    }

    #[test]
    fn parts_keep_their_order() {
        let letter = Letter::new(Line::literal("Order")).paragraph("one").link("https://two.example").code("three");
        let mail = letter.addressed_to("ada@example.com".parse().unwrap());
        assert_eq!(mail.text, "one\n\nhttps://two.example\n\nthree\n");
        assert!(mail.html.contains("<p>one</p>\n<p><a href=\"https://two.example\">https://two.example</a></p>\n<pre"));
        assert_eq!(mail.subject.as_str(), "Order");
    }
}
