//! What was changed for delivery, as a field of the delivered mail: its bytes are kept, and a
//! certificate reads the field years later.

use domain::{DeliveryChange, Named};

/// The field's name.
pub(super) const FIELD: &str = "X-Akashi-Changes";

/// The field's value, folded so that each name has a line.
pub(super) fn written(changes: &[DeliveryChange]) -> String {
    let names: Vec<&str> = changes.iter().map(|change| change.name()).collect();
    names.join(",\r\n ")
}

/// The changes that the header of a mail of ours names: the inverse of what
/// [`relay`](super::relay) and [`offer`](super::offer) write. A header without the field names
/// none; a name that is not known is left out.
///
/// ```
/// use domain::DeliveryChange;
/// let header = b"Subject: x\r\nX-Akashi-Changes: notice_in_text,\r\n notice_in_html\r\n\r\n";
/// let changes = letters::mails::changes_named_in(header);
/// assert_eq!(changes, [DeliveryChange::NoticeInText, DeliveryChange::NoticeInHtml]);
/// ```
#[must_use]
pub fn changes_named_in(header: &[u8]) -> Vec<DeliveryChange> {
    let header = String::from_utf8_lossy(header);
    let header = header.split("\r\n\r\n").next().unwrap_or_default();
    let unfolded = header.replace("\r\n ", " ");
    let value = unfolded.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case(FIELD).then_some(value)
    });
    let names = value.unwrap_or_default().split(',').map(str::trim);
    names.filter_map(DeliveryChange::of_name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let header = format!(
            "Subject: a\r\n b\r\n{FIELD}: {}\r\nTo: x\r\n",
            written(&DeliveryChange::ALL)
        );
        assert_eq!(changes_named_in(header.as_bytes()), DeliveryChange::ALL);
    }

    #[test]
    fn a_mail_without_the_field_names_nothing() {
        for header in [
            "",
            "X-Akashi-Changes:\r\n",
            "Subject: X-Akashi-Changes: notice_in_text\r\n",
            "\r\n\r\nX-Akashi-Changes: notice_in_text\r\n",
            "X-Akashi-Changes: by_pigeon\r\n",
        ] {
            assert_eq!(changes_named_in(header.as_bytes()), [], "{header}");
        }
    }
}
