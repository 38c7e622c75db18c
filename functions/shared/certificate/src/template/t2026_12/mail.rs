//! The certificate of a registered mail.

use paper::Block;

use super::MailWords;
use super::authentication::check_of;
use super::composer::Composer;
use super::sections::Section;
use super::wording as say;
use crate::record::v3::MailSection;

impl Composer<'_> {
    pub(super) fn mail(&mut self, mail: &MailSection, has_html_part: bool) {
        self.parties();
        self.times();
        self.section(Section::Message, say::MESSAGE);
        self.blocks.push(Block::Subheading {
            words: say::RECEIVED,
            detail: None,
        });
        self.message_fields(&mail.message, &MailWords::ORIGINAL);
        self.handed_over(&mail.delivered);
        self.body(&mail.message, has_html_part, &MailWords::ORIGINAL);
        self.attachments(say::ATTACHMENTS, &mail.attachments, &MailWords::ORIGINAL);
        self.log();
        let keys = [self.sender_authentication()];
        self.not_stated(&[say::NOT_STATED_ITEMS]);
        self.part(say::ANNEXES);
        self.list(
            say::HOW_TO_CHECK,
            &[
                say::CHECK_FILE,
                say::CHECK_MESSAGE,
                check_of(&keys),
                say::CHECK_PRINTOUT,
            ],
        );
        self.notices(&mail.delivered);
        self.embedded_files();
        self.records();
        self.keys(&keys);
        self.header(&mail.message.raw_header, &MailWords::ORIGINAL);
        self.versions();
    }
}
