//! The certificate of a registered mail.

use paper::Block;

use super::wording as say;
use super::{Composer, MailWords};
use crate::record::v3::MailSection;

impl Composer<'_> {
    pub(super) fn mail(&mut self, mail: &MailSection, has_html_part: bool) {
        self.parties();
        self.times();
        self.heading(say::MESSAGE);
        self.blocks.push(Block::Subheading {
            words: say::RECEIVED,
            detail: None,
        });
        self.message_fields(&mail.message, &MailWords::ORIGINAL);
        self.handed_over(&mail.delivered);
        self.body(&mail.message, has_html_part, &MailWords::ORIGINAL);
        self.attachments(say::ATTACHMENTS, &mail.attachments, &MailWords::ORIGINAL);
        self.log();
        self.sender_authentication();
        self.list(say::NOT_STATED, &[say::NOT_STATED_ITEMS]);
        self.list(say::HOW_TO_CHECK, &[say::HOW_TO_CHECK_ITEMS]);
        // The header is shown first, because the section before it counts the codes of all.
        let header = self.shown_header(&mail.message.raw_header);
        self.embedded_files();
        self.versions();
        self.header(header, &MailWords::ORIGINAL);
    }
}
