//! Address lists (RFC 5322 section 3.4), read so that nobody can be mistaken for somebody else:
//! what is ambiguous is no address.

use domain::EmailAddress;

use super::comments::without_comments;
use super::words;

/// One entry of an address list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mailbox {
    /// The address, or what stood there instead of one.
    pub(crate) address: Result<EmailAddress, String>,
    /// The display name with its encoded words decoded, or else the comment beside the address.
    pub(crate) display_name: Option<String>,
    /// Whether it stood inside a group.
    pub(crate) is_group_member: bool,
}

/// The entries of an address list, and whether it holds a group.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct AddressList {
    pub(crate) mailboxes: Vec<Mailbox>,
    pub(crate) has_group: bool,
}

/// Longest text of an unreadable entry that is shown to the sender, in characters.
const UNREADABLE_LENGTH_CHARS_MAX: usize = 100;

/// Reads the unfolded value of an address field, at most `limit` entries of it.
pub(crate) fn parse(text: &str, limit: usize) -> AddressList {
    let mut list = AddressList::default();
    let mut entry = Entry::default();
    let mut is_in_group = false;
    let mut scanner = Scanner { rest: text };
    while let Some(token) = scanner.next_token() {
        match token {
            Token::Comma => entry.finish(&mut list, is_in_group),
            Token::Colon if !is_in_group && entry.can_name_a_group() => {
                entry = Entry::default();
                (is_in_group, list.has_group) = (true, true);
            }
            Token::Semicolon => {
                // Outside a group it is what some mailers write for a comma.
                entry.finish(&mut list, is_in_group);
                is_in_group = false;
            }
            Token::Colon => entry.push_text(":"),
            Token::Space => entry.push_space(),
            Token::Text(text) => entry.push_text(text),
            Token::Quoted { verbatim, content } => entry.push_quoted(verbatim, &content),
            Token::Angle(inside) => entry.push_angle(inside),
            Token::Comment(comment) => entry.comments.push(comment),
        }
        if list.mailboxes.len() >= limit {
            return list;
        }
    }
    entry.finish(&mut list, is_in_group);
    list
}

#[derive(Debug)]
enum Token<'t> {
    Comma,
    Semicolon,
    Colon,
    Space,
    Text(&'t str),
    Quoted { verbatim: &'t str, content: String },
    Angle(&'t str),
    Comment(String),
}

/// What was read of an entry so far.
#[derive(Debug, Default)]
struct Entry {
    /// Text before the angle brackets as written: the address where there are no brackets.
    verbatim: String,
    /// The same with the quotation marks taken off: the display name where there are.
    name: String,
    angle: Option<String>,
    /// Text behind the angle brackets, or a second pair: nobody can tell which address is meant.
    is_ambiguous: bool,
    comments: Vec<String>,
}

impl Entry {
    fn can_name_a_group(&self) -> bool {
        self.angle.is_none() && !self.name.trim().is_empty() && !self.verbatim.contains('@')
    }

    fn push_space(&mut self) {
        self.verbatim.push(' ');
        self.name.push(' ');
    }

    fn push_text(&mut self, text: &str) {
        self.is_ambiguous |= self.angle.is_some();
        self.verbatim.push_str(text);
        self.name.push_str(text);
    }

    fn push_quoted(&mut self, verbatim: &str, content: &str) {
        self.is_ambiguous |= self.angle.is_some();
        self.verbatim.push_str(verbatim);
        self.name.push_str(content);
    }

    fn push_angle(&mut self, inside: &str) {
        self.is_ambiguous |= self.angle.is_some();
        self.angle = Some(inside.to_owned());
    }

    fn finish(&mut self, list: &mut AddressList, is_group_member: bool) {
        let entry = std::mem::take(self);
        let name = words::decode(entry.name.trim()).trim().to_owned();
        let Some(angle) = entry.angle else {
            let text = entry.verbatim.trim();
            if !text.is_empty() {
                let display_name = entry.comments.iter().map(|text| words::decode(text)).next();
                let address = tightened(text).parse().map_err(|_| shortened(&name));
                list.mailboxes.push(Mailbox {
                    address,
                    display_name,
                    is_group_member,
                });
            }
            return;
        };
        let shown = || shortened(format!("{name} <{angle}>").trim());
        let address = tightened(&outside_quotes(&angle, without_comments));
        let address = match without_route(&address).parse() {
            Ok(address) if !entry.is_ambiguous => Ok(address),
            Ok(_) | Err(_) => Err(shown()),
        };
        let display_name = (!name.is_empty()).then_some(name);
        list.mailboxes.push(Mailbox {
            address,
            display_name,
            is_group_member,
        });
    }
}

/// A text with what stands outside quotation marks changed.
fn outside_quotes(text: &str, change: impl Fn(&str) -> String) -> String {
    let mut changed = String::with_capacity(text.len());
    for (number, piece) in text.split('"').enumerate() {
        if number > 0 {
            changed.push('"');
        }
        if number % 2 == 0 {
            changed.push_str(&change(piece));
        } else {
            changed.push_str(piece);
        }
    }
    changed
}

/// An address without the white space that may stand around `@` and dots (RFC 5322 section 4.4).
fn tightened(text: &str) -> String {
    outside_quotes(text.trim(), |piece| {
        let mut tight = piece.to_owned();
        for sign in ["@", "."] {
            let pieces: Vec<&str> = tight.split(sign).collect();
            let last = pieces.len() - 1;
            let pieces = pieces.into_iter().enumerate().map(|(place, one)| {
                let one = if place > 0 {
                    one.trim_start_matches([' ', '\t'])
                } else {
                    one
                };
                if place < last {
                    one.trim_end_matches([' ', '\t'])
                } else {
                    one
                }
            });
            tight = pieces.collect::<Vec<_>>().join(sign);
        }
        tight
    })
}

/// RFC 5322 section 4.4: `<@relay.example:taro@example.jp>` still names taro.
fn without_route(inside: &str) -> &str {
    match inside.trim().split_once(':') {
        Some((route, address)) if route.starts_with('@') => address.trim(),
        _ => inside.trim(),
    }
}

fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(UNREADABLE_LENGTH_CHARS_MAX).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    crate::visible(&short)
}

struct Scanner<'t> {
    rest: &'t str,
}

impl<'t> Scanner<'t> {
    fn next_token(&mut self) -> Option<Token<'t>> {
        let first = self.rest.chars().next()?;
        let token = match first {
            ',' => self.take(1, Token::Comma),
            ';' => self.take(1, Token::Semicolon),
            ':' => self.take(1, Token::Colon),
            ' ' | '\t' => self.take(1, Token::Space),
            '"' => self.quoted(),
            '<' => self.angle(),
            '(' => self.comment(),
            _ => {
                let length = words::length_at_start(self.rest).unwrap_or_else(|| {
                    self.rest
                        .char_indices()
                        .skip(1)
                        .find(|(at, c)| ",;: \t\"<(".contains(*c) || self.is_word_at(*at))
                        .map_or(self.rest.len(), |(at, _)| at)
                });
                let (text, rest) = self.rest.split_at(length);
                self.rest = rest;
                Token::Text(text)
            }
        };
        Some(token)
    }

    fn is_word_at(&self, at: usize) -> bool {
        self.rest
            .get(at..)
            .is_some_and(|rest| words::length_at_start(rest).is_some())
    }

    fn take(&mut self, length: usize, token: Token<'t>) -> Token<'t> {
        self.rest = self.rest.get(length..).unwrap_or_default();
        token
    }

    /// A quoted string; one that is never closed ends with the field.
    fn quoted(&mut self) -> Token<'t> {
        let mut content = String::new();
        let mut is_escaped = false;
        for (at, c) in self.rest.char_indices().skip(1) {
            match c {
                '\\' if !is_escaped => {
                    is_escaped = true;
                    continue;
                }
                '"' if !is_escaped => {
                    let (verbatim, rest) = self.rest.split_at(at + 1);
                    self.rest = rest;
                    return Token::Quoted { verbatim, content };
                }
                _ => content.push(c),
            }
            is_escaped = false;
        }
        let verbatim = std::mem::take(&mut self.rest);
        Token::Quoted { verbatim, content }
    }

    fn angle(&mut self) -> Token<'t> {
        let (mut is_quoted, mut depth) = (false, 0_usize);
        // A comment that is never closed is none.
        let last_close = self.rest.rfind(')').unwrap_or(0);
        for (at, c) in self.rest.char_indices().skip(1) {
            match c {
                '"' if depth == 0 => is_quoted = !is_quoted,
                '(' if !is_quoted && at < last_close => depth += 1,
                ')' if !is_quoted => depth = depth.saturating_sub(1),
                '>' if !is_quoted && (depth == 0 || at > last_close) => {
                    let inside = self.rest.get(1..at).unwrap_or_default();
                    self.rest = self.rest.get(at + 1..).unwrap_or_default();
                    return Token::Angle(inside);
                }
                _ => {}
            }
        }
        // Never closed: the bracket stays in the text, so that this is no address.
        let inside = std::mem::take(&mut self.rest);
        Token::Angle(inside)
    }

    /// Comments nest; the depth is counted, not recursed into.
    fn comment(&mut self) -> Token<'t> {
        let mut content = String::new();
        let (mut depth, mut is_escaped) = (0_usize, false);
        for (at, c) in self.rest.char_indices() {
            match c {
                '\\' if !is_escaped => {
                    is_escaped = true;
                    continue;
                }
                '(' if !is_escaped => {
                    depth += 1;
                    if depth > 1 {
                        content.push(c);
                    }
                }
                ')' if !is_escaped => {
                    depth -= 1;
                    if depth == 0 {
                        self.rest = self.rest.get(at + 1..).unwrap_or_default();
                        return Token::Comment(content);
                    }
                    content.push(c);
                }
                _ => content.push(c),
            }
            is_escaped = false;
        }
        self.rest = "";
        Token::Comment(content)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, Option<&str>)]) {
        let list = parse(text, 100);
        let found: Vec<(&str, Option<&str>)> = list
            .mailboxes
            .iter()
            .map(|mailbox| {
                let address = match &mailbox.address {
                    Ok(address) => address.as_str(),
                    Err(_) => "unreadable",
                };
                (address, mailbox.display_name.as_deref())
            })
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn reads_addresses_display_names_comments_and_groups_i_063() {
        check("taro@example.jp", &[("taro@example.jp", None)]);
        check("<taro@example.jp>", &[("taro@example.jp", None)]);
        check(
            "taro@example.jp (山田 \\(太郎\\))",
            &[("taro@example.jp", Some("山田 (太郎)"))],
        );
        check(
            "山田 太郎 <taro@example.jp>",
            &[("taro@example.jp", Some("山田 太郎"))],
        );
        check(
            "\"Yamada, Taro\" <taro@example.jp>",
            &[("taro@example.jp", Some("Yamada, Taro"))],
        );
        check(
            "a@b.test, , c@d.test;e@f.test",
            &[("a@b.test", None), ("c@d.test", None), ("e@f.test", None)],
        );
        check(
            "課: a@b.test, \"x\" <c@d.test>;, e@f.test",
            &[
                ("a@b.test", None),
                ("c@d.test", Some("x")),
                ("e@f.test", None),
            ],
        );
        check("undisclosed-recipients:;", &[]);
        check("taro@日本.example", &[("taro@日本.example", None)]);
        check("\"a..b\"@example.jp", &[("\"a..b\"@example.jp", None)]);
        check(
            "<@relay.test,@b.test:taro@example.jp>",
            &[("taro@example.jp", None)],
        );
    }

    /// RFC 5322 appendix A.5.
    #[test]
    fn comments_and_white_space_may_stand_in_the_middle_of_an_address() {
        check(
            "Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>",
            &[("pete@silly.test", Some("Pete"))],
        );
        check(
            "A Group(Some people)\t :Chris Jones <c@(Chris's host.)public.example>,  \
             joe@example.org, John <jdoe@one.test> (my dear friend); (the end of the group)",
            &[
                ("c@public.example", Some("Chris Jones")),
                ("joe@example.org", None),
                ("jdoe@one.test", Some("John")),
            ],
        );
        check(
            "(Empty list)(start)Hidden recipients  :(nested(comment that contains)) ;",
            &[],
        );
        check(
            "joe(x)@(y)example(z).org",
            &[("joe@example.org", Some("x"))],
        );
        check("joe @ example . org", &[("joe@example.org", None)]);
        check("<joe(a>b)@example.org>", &[("joe@example.org", None)]);
        check(
            "<\"joe (x)\"@example.org>",
            &[("\"joe (x)\"@example.org", None)],
        );
    }

    /// Old mobile telephones, quoted or not; both are one mailbox.
    #[test]
    fn dots_where_rfc_5322_knows_none_are_kept_as_written() {
        for text in [
            "a..b@docomo.example",
            ".a@docomo.example",
            "a.@docomo.example",
        ] {
            check(text, &[(text, None)]);
            check(&format!("花子 <{text}>"), &[(text, Some("花子"))]);
        }
        check(
            "\"a..b.\"@docomo.example",
            &[("\"a..b.\"@docomo.example", None)],
        );
    }

    #[test]
    fn decodes_encoded_words_in_display_names_also_where_they_may_not_stand() {
        for name in [
            "=?ISO-2022-JP?B?GyRCJCIbKEI=?= =?ISO-2022-JP?B?GyRCJCQbKEI=?=",
            "\"=?ISO-2022-JP?B?GyRCJCIbKEI=?= =?ISO-2022-JP?B?GyRCJCQbKEI=?=\"",
            "=?UTF-8?Q?=E3=81=82=E3=81=84?=",
        ] {
            check(&format!("{name} <a@b.test>"), &[("a@b.test", Some("あい"))]);
        }
        check("=?utf-8?Q?a,(b?=<a@b.test>", &[("a@b.test", Some("a,(b"))]);
    }

    #[test]
    fn what_is_ambiguous_is_no_address() {
        for text in [
            "taro",
            "山田",
            "taro@example.jp jiro@example.jp",
            "Taro taro@example.jp",
            "<a@b.test> c@d.test",
            "<a@b.test> <c@d.test>",
            "<a@b.test",
            "\"a@b.test",
            "a@b.test\u{202e}",
            "<>",
        ] {
            let list = parse(text, 100);
            assert!(
                list.mailboxes
                    .iter()
                    .all(|mailbox| mailbox.address.is_err()),
                "{text}"
            );
            assert_eq!(list.mailboxes.len(), 1, "{text}");
        }
        // The address in the display name is not the one in brackets, and only that one counts.
        check(
            "boss@bank.test <evil@x.test>",
            &[("evil@x.test", Some("boss@bank.test"))],
        );
    }
}
