//! An addendum to a certificate: a later answer to a contract (P-065), or the late bounce of a
//! registered mail.

use paper::{Block, Field, Lines, Tone, Value, Words};

use super::HtmlParts;
use super::composer::{Composer, VALUE};
use super::contract::how_to_check;
use super::pieces::fixed;
use super::sections::Section;
use super::wording::{self as general, addendum as say, contract, results};
use crate::record::v3::{
    Added, AddendumSection, AnswerMail, AnswerSection, BounceSection, MainCertificate, OutcomeWords,
};

impl<'e> Composer<'e> {
    pub(super) fn addendum(&mut self, addendum: &'e AddendumSection, html_parts: HtmlParts) {
        match &addendum.added {
            Added::Answer(answer) => self.later_answer(addendum, answer, html_parts),
            Added::Bounce(bounce) => self.late_bounce(addendum, bounce),
        }
    }

    /// What stands on page one of it, below the outcome.
    pub(super) fn added(&mut self, addendum: &AddendumSection) -> Vec<Field> {
        match &addendum.added {
            Added::Answer(answer) => vec![Field {
                label: contract::ANSWER,
                value: self.answered(answer),
            }],
            Added::Bounce(bounce) => self.bounced(&addendum.main, bounce),
        }
    }

    fn later_answer(
        &mut self,
        addendum: &'e AddendumSection,
        answer: &'e AnswerSection,
        html_parts: HtmlParts,
    ) {
        self.section(Section::Main, say::LINKED);
        self.remark(say::LINKED_OFFER_NOTE);
        let main = self.linked(&addendum.main);
        self.blocks.push(Block::Fields(main));
        self.message_elsewhere(say::OFFER, addendum);
        self.both_parties();
        let evidence = self.evidence;
        self.heading(general::TIMES);
        self.time_table(&[
            (say::STEP_OFFERED, evidence.accepted_at),
            (say::STEP_MAIN_ISSUED, addendum.main.issued_at),
            (contract::STEP_ANSWERED, answer.received_at),
            (say::STEP_ADDENDUM_ISSUED, evidence.issued_at),
        ]);
        self.part(say::PART_OF_ANSWER);
        let keys = self.answer(answer, html_parts.of_answer);
        self.log();
        self.part(contract::NOTES);
        let mail = answer.mail();
        self.not_stated(&[contract::ANSWER_NOT_STATED, general::LEGAL_NOT_STATED]);
        self.end_of_addendum(mail, mail.map(how_to_check), keys.as_slice());
    }

    fn late_bounce(&mut self, addendum: &'e AddendumSection, bounce: &BounceSection) {
        let evidence = self.evidence;
        self.section(Section::Main, say::LINKED);
        self.remark(say::LINKED_MAIL_NOTE);
        let mut fields = self.linked(&addendum.main);
        fields.push(self.told_before(&bounce.main_outcome));
        self.blocks.push(Block::Fields(fields));
        self.remark(say::MAIN_STAYS);
        self.message_elsewhere(say::MAIL, addendum);
        self.parties();
        self.heading(general::TIMES);
        let mut steps = vec![(general::STEP_ACCEPTED, evidence.accepted_at)];
        let taken_over = self.taken_over_at();
        steps.extend(taken_over.map(|at| (general::STEP_TAKEN_OVER, at)));
        steps.extend([
            (say::STEP_MAIN_ISSUED, addendum.main.issued_at),
            (say::STEP_BOUNCED, bounce.at),
            (say::STEP_BOUNCE_RECORDED, bounce.recorded_at),
            (say::STEP_ADDENDUM_ISSUED, evidence.issued_at),
        ]);
        // A bounce may be told before the certificate of the delivery is out.
        steps.sort_by_key(|(_, at)| *at);
        self.time_table(&steps);
        self.heading(say::BOUNCE);
        let status = bounce.status.as_deref();
        let words = bounce.diagnostic.as_deref();
        let fields = vec![
            Field {
                label: say::BOUNCE_KIND,
                value: fixed(results::of_bounce(bounce.kind)),
            },
            self.field(say::BOUNCE_WORDS, words, say::NO_BOUNCE_WORDS),
            self.field(say::BOUNCE_STATUS, status, say::NO_BOUNCE_STATUS),
            self.field(general::SOURCE, Some(&bounce.source), general::NO_VALUE),
            Field {
                label: say::STEP_BOUNCED,
                value: self.times_of(bounce.at),
            },
            Field {
                label: say::STEP_BOUNCE_RECORDED,
                value: self.times_of(bounce.recorded_at),
            },
        ];
        self.blocks.push(Block::Fields(fields));
        self.log();
        self.not_stated(&[say::BOUNCE_NOT_STATED, general::LEGAL_NOT_STATED]);
        self.end_of_addendum(None, None, &[]);
    }

    /// The bounce in the server's own words, and to which certificate this adds.
    fn bounced(&mut self, main: &MainCertificate, bounce: &BounceSection) -> Vec<Field> {
        let mut report = Vec::new();
        if let Some(words) = &bounce.diagnostic {
            report.push(Value {
                text: self.screen.show(words, Lines::Text, VALUE),
                tone: Tone::Strong,
            });
        }
        report.extend(fixed(results::of_bounce(bounce.kind)));
        report.extend(self.times_of(bounce.at));
        let mut adds_to = vec![self.strong(&main.serial.to_string())];
        adds_to.extend(fixed(say::MAIN_STAYS));
        vec![
            Field {
                label: say::BOUNCE,
                value: report,
            },
            Field {
                label: say::ADDS_TO,
                value: adds_to,
            },
        ]
    }

    fn told_before(&mut self, outcome: &OutcomeWords) -> Field {
        Field {
            label: say::MAIN_OUTCOME,
            value: vec![self.plain(&outcome.japanese), self.quiet(&outcome.english)],
        }
    }

    /// By what the main certificate is known.
    fn linked(&mut self, main: &MainCertificate) -> Vec<Field> {
        vec![
            Field {
                label: general::SERIAL,
                value: vec![self.strong(&main.serial.to_string())],
            },
            Field {
                label: general::ISSUED,
                value: self.times_of(main.issued_at),
            },
            Field {
                label: say::FILE_DIGEST,
                value: vec![self.quiet(&main.digest.to_string())],
            },
        ]
    }

    fn message_elsewhere(&mut self, words: Words, addendum: &AddendumSection) {
        let message = &addendum.message;
        self.subheading(words);
        let id = message.message_id.as_deref();
        let fields = vec![
            self.field(
                general::SUBJECT,
                Some(&message.subject),
                general::NO_SUBJECT,
            ),
            self.field(general::MESSAGE_ID, id, general::NO_MESSAGE_ID),
            self.digest(message.digest, message.size_bytes),
        ];
        self.blocks.push(Block::Fields(fields));
    }

    fn end_of_addendum(
        &mut self,
        answer: Option<&AnswerMail>,
        how: Option<&'static [Words]>,
        keys: &[super::authentication::Keys<'_>],
    ) {
        let checks = [
            general::CHECK_FILE,
            say::MAIN_CHECK,
            how.unwrap_or_default(),
            general::CHECK_PRINTOUT,
        ];
        self.end(&checks, None, answer, keys);
    }
}
