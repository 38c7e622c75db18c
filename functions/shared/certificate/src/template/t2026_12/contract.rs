//! The certificate of a registered contract in its two parts (P-067).

use domain::{Channel, EmailAddress, MobileNumber, Named, SeenBy};
use paper::{Block, Column, Extent, Field, Lines, Quotation, Row, Tone, Value, Words};

use super::authentication::{Keys, check_of};
use super::composer::{BODY, Composer};
use super::pieces::fixed;
use super::sections::Section;
use super::wording::{self as general, contract as say};
use super::{HtmlParts, IN_RECORDS, MailWords, Step};
use crate::limits::ROWS_MAX;
use crate::record::v3::{
    AnswerLink, AnswerMail, AnswerRoad, AnswerSection, AnswerSms, ChannelRow, ContractSection,
    DeliveredSms, HopRow, Origin, Reply,
};

const CHANNEL_COLUMNS: &[Column] = &[
    Column {
        words: say::ROAD,
        share: 200,
    },
    Column {
        words: say::DESTINATION,
        share: 300,
    },
    Column {
        words: say::STATE,
        share: 500,
    },
];

const HOP_COLUMNS: &[Column] = &[
    Column {
        words: general::ATTACHMENT_NUMBER,
        share: 70,
    },
    Column {
        words: say::HOP_FROM,
        share: 390,
    },
    Column {
        words: say::HOP_BY,
        share: 390,
    },
    Column {
        words: say::HOP_STANDING,
        share: 150,
    },
];

pub(super) fn how_to_check(answer: &AnswerMail) -> &'static [Words] {
    if answer.is_embedded() {
        say::ANSWER_CHECK
    } else {
        say::LARGE_ANSWER_CHECK
    }
}

/// As much of an answer as the first page shows.
const GIST: Extent = Extent {
    lines_max: 8,
    width: 30.0,
};

const SECONDS_OF_AN_HOUR: i64 = 3_600;

impl<'e> Composer<'e> {
    pub(super) fn contract(&mut self, contract: &'e ContractSection, html_parts: HtmlParts) {
        let evidence = self.evidence;
        self.part(say::PART_ONE);
        self.both_parties();
        self.terms(contract);
        self.offer(contract);
        self.body(
            &contract.message,
            html_parts.of_original,
            &MailWords::ORIGINAL,
        );
        self.attachments(
            general::ATTACHMENTS,
            &contract.attachments,
            &MailWords::ORIGINAL,
        );
        self.log();
        let mut keys = vec![self.sender_authentication()];
        self.part(say::PART_TWO);
        match evidence.answer() {
            Some(answer) => keys.extend(self.answer(answer, html_parts.of_answer)),
            None => self.no_answer(contract),
        }
        self.notes(contract, &keys);
    }

    fn no_answer(&mut self, contract: &ContractSection) {
        self.heading(say::ANSWER);
        let missing = say::of_missing(&contract.reply).map(fixed);
        let fields = vec![
            Field {
                label: say::ANSWER,
                value: missing.unwrap_or_default(),
            },
            Field {
                label: say::ANSWER_UNTIL,
                value: self.times_of(contract.answer_until),
            },
        ];
        self.blocks.push(Block::Fields(fields));
    }

    fn notes(&mut self, contract: &ContractSection, keys: &[Keys<'_>]) {
        let evidence = self.evidence;
        self.part(say::NOTES);
        let answer = evidence.answer();
        let on_answer = match answer {
            Some(_) => say::ANSWER_NOT_STATED,
            None => say::NO_ANSWER_NOT_STATED,
        };
        let on_sms = contract.sms.as_ref().map(|_| say::SMS_NOT_STATED);
        self.not_stated(&[
            on_answer,
            on_sms.unwrap_or_default(),
            general::NOT_STATED_ITEMS,
        ]);
        let answer_mail = answer.and_then(AnswerSection::mail);
        let on_answer = answer_mail.map(how_to_check).unwrap_or_default();
        let checks = [
            general::CHECK_FILE,
            general::CHECK_MESSAGE,
            check_of(keys),
            on_answer,
            general::CHECK_PRINTOUT,
        ];
        self.end(&checks, Some(contract), answer_mail, keys);
    }

    /// What stands on page one beside the outcome: each road, and whether there is an answer.
    pub(super) fn summary(&mut self, contract: &ContractSection) -> Vec<Field> {
        let value = match &contract.reply {
            Reply::Answered(answer) => self.answered(answer),
            Reply::None | Reply::NoSuchDestination | Reply::Undelivered => {
                say::of_missing(&contract.reply)
                    .map(fixed)
                    .unwrap_or_default()
            }
        };
        let answer = Field {
            label: say::ANSWER,
            value,
        };
        let rows = contract.channels.iter().take(Channel::ALL.len());
        let channels = rows.map(|row| Field {
            label: say::of_channel(row.channel),
            value: fixed(say::of_state(row.channel, row.state)),
        });
        std::iter::once(answer).chain(channels).collect()
    }

    /// The answer in its own words, its road and its time.
    pub(super) fn answered(&mut self, answer: &AnswerSection) -> Vec<Value> {
        let mut value = Vec::new();
        let words = match &answer.road {
            AnswerRoad::Mail(mail) => mail.message.body_text.text(),
            AnswerRoad::Sms(sms) => &sms.text,
            AnswerRoad::Link(link) => {
                value.push(self.strong(&format!("「{}」", link.label)));
                &link.text
            }
        };
        if !words.trim().is_empty() {
            let text = self.screen.show(words.trim_end(), Lines::Text, GIST);
            let cut = text.cut.is_some();
            value.push(Value {
                text,
                tone: Tone::Strong,
            });
            if cut {
                value.extend(fixed(say::ANSWER_GOES_ON));
            }
        }
        value.extend(fixed(road_words(&answer.road)));
        value.extend(self.times_of(answer.received_at));
        value
    }

    pub(super) fn part(&mut self, words: Words) {
        self.blocks.push(Block::Part { words });
    }

    pub(super) fn both_parties(&mut self) {
        self.heading(general::PARTIES);
        let evidence = self.evidence;
        let Origin::Mail(origin) = &evidence.origin;
        let name = origin.sender.display_name.as_deref();
        let mut fields = vec![
            self.field(say::SENDER_NAME, name, say::NO_SENDER_NAME),
            Field {
                label: general::SENDER,
                value: vec![self.strong(origin.sender.address.as_str())],
            },
        ];
        fields.extend(self.account());
        let mail = evidence.recipient.mail().map(EmailAddress::as_str);
        let mobile = evidence.recipient.mobile().map(MobileNumber::as_str);
        for (label, text) in [(say::RECIPIENT_MAIL, mail), (say::RECIPIENT_MOBILE, mobile)] {
            if let Some(text) = text {
                let value = vec![self.strong(text)];
                fields.push(Field { label, value });
            }
        }
        self.blocks.push(Block::Fields(fields));
        self.remark(general::STATED_BY_ACCOUNT);
    }

    fn terms(&mut self, contract: &ContractSection) {
        self.heading(say::TERMS);
        let evidence = self.evidence;
        let hours = contract.deadline.hours();
        let mut deadline = format!("{hours} 時間 hours");
        if hours.is_multiple_of(24) {
            deadline = format!("{deadline}（{} 日 days）", hours / 24);
        }
        // A deployment may rehearse with shorter hours; its certificates say so.
        let whole = contract.answer_until.duration_since(evidence.accepted_at);
        let hour = whole.as_secs() / i64::from(hours.max(1));
        if hour != SECONDS_OF_AN_HOUR {
            deadline = format!(
                "{deadline}（試験運転：1時間を{hour}秒とする Rehearsal: an hour lasts {hour} seconds）"
            );
        }
        let mut fields = vec![self.field(say::DEADLINE, Some(&deadline), general::NO_VALUE)];
        if contract.channels.len() > 1 {
            fields.push(Field {
                label: say::ORDER,
                value: fixed(say::of_order(contract.order)),
            });
        }
        self.blocks.push(Block::Fields(fields));
        let answered = evidence.answer().map(|answer| answer.received_at);
        let mut steps: Vec<Step> = vec![(general::STEP_ACCEPTED, evidence.accepted_at)];
        steps.extend(
            self.taken_over_at()
                .map(|at| (general::STEP_TAKEN_OVER, at)),
        );
        steps.extend(answered.map(|at| (say::STEP_ANSWERED, at)));
        steps.extend([
            (general::STEP_SETTLED, evidence.settled_at),
            (say::ANSWER_UNTIL, contract.answer_until),
            (general::STEP_ISSUED, evidence.issued_at),
        ]);
        steps.sort_by_key(|(_, at)| *at);
        self.time_table(&steps);
    }

    fn offer(&mut self, contract: &ContractSection) {
        self.section(Section::Message, say::MESSAGE);
        self.subheading(general::RECEIVED);
        self.message_fields(&contract.message, &MailWords::ORIGINAL);
        self.subheading(say::CHANNELS);
        if contract.channels.is_empty() {
            self.remark(say::NO_CHANNELS);
        } else {
            let rows = contract.channels.iter().take(ROWS_MAX);
            let rows = rows.map(|row| self.channel(row)).collect();
            self.blocks.push(Block::Table {
                columns: CHANNEL_COLUMNS,
                rows,
            });
        }
        let has = |channel| contract.channels.iter().any(|row| row.channel == channel);
        match &contract.mail {
            Some(delivered) => self.handed_over(delivered),
            None if has(Channel::Mail) => self.remark(say::NO_MAIL),
            None => {}
        }
        match &contract.sms {
            Some(sms) => self.sms(sms),
            None if has(Channel::Sms) => self.remark(say::NO_SMS),
            None => {}
        }
    }

    fn channel(&mut self, row: &ChannelRow) -> Row {
        let recipient = &self.evidence.recipient;
        let destination = match row.channel {
            Channel::Mail => recipient.mail().map(EmailAddress::as_str),
            Channel::Sms => recipient.mobile().map(MobileNumber::as_str),
        };
        let destination = self.captured(destination, say::NO_DESTINATION);
        let mut below = match row.at {
            Some(at) => {
                let times = self.both_zones(at);
                vec![self.quiet(&format!("{}  {times}", say::SEEN_AT.both()))]
            }
            None => vec![self.quiet(&say::NO_REPORT_TIME.both())],
        };
        below.push(match &row.detail {
            Some(detail) => self.quiet(&format!("{}  {detail}", say::DETAIL.both())),
            None => self.quiet(&say::NO_DETAIL.both()),
        });
        let cells = vec![
            fixed(say::of_channel(row.channel)),
            destination,
            fixed(say::of_state(row.channel, row.state)),
        ];
        Row { cells, below }
    }

    fn sms(&mut self, sms: &DeliveredSms) {
        self.subheading(say::SMS);
        let id = sms.provider_message_id.as_deref();
        let fields = vec![
            self.field(say::PROVIDER, Some(&sms.provider), general::NO_VALUE),
            self.field(general::PROVIDER_ID, id, general::NO_PROVIDER_ID),
            self.field(say::CARRIER, sms.carrier.as_deref(), say::NO_CARRIER),
            self.field(say::ENCODING, Some(&sms.encoding), general::NO_VALUE),
            self.field(say::PARTS, Some(&sms.parts.to_string()), general::NO_VALUE),
        ];
        self.blocks.push(Block::Fields(fields));
        self.quoted(&sms.text);
    }

    /// The keys of its signatures, if it came by mail.
    pub(super) fn answer(
        &mut self,
        answer: &'e AnswerSection,
        has_html_part: bool,
    ) -> Option<Keys<'e>> {
        self.heading(say::ANSWER);
        self.remark(say::ANSWER_NOTE);
        let mut fields = vec![
            Field {
                label: say::ROAD,
                value: fixed(road_words(&answer.road)),
            },
            Field {
                label: say::RECEIVED_AT,
                value: self.times_of(answer.received_at),
            },
        ];
        match &answer.road {
            AnswerRoad::Mail(mail) => {
                let mut from = vec![self.strong(mail.from.as_str())];
                if let Some(name) = mail.display_name.as_deref().filter(|name| !name.is_empty()) {
                    from.insert(0, self.plain(name));
                }
                fields.push(Field {
                    label: say::FROM,
                    value: from,
                });
                self.blocks.push(Block::Fields(fields));
                self.subheading(say::ANSWER_TEXT);
                self.text(&mail.message, has_html_part, MailWords::of_answer(mail));
                Some(self.answer_mail(mail))
            }
            AnswerRoad::Sms(sms) => {
                fields.push(Field {
                    label: say::FROM,
                    value: vec![self.strong(sms.from.as_str())],
                });
                self.blocks.push(Block::Fields(fields));
                self.answer_text(&sms.text);
                self.answer_sms(sms);
                None
            }
            AnswerRoad::Link(link) => {
                let label = format!("「{}」", link.label);
                let button = vec![self.strong(&label), self.quiet(link.choice.name())];
                fields.push(Field {
                    label: say::BUTTON,
                    value: button,
                });
                self.blocks.push(Block::Fields(fields));
                self.answer_text(&link.text);
                self.answer_link(link);
                None
            }
        }
    }

    fn answer_text(&mut self, text: &str) {
        self.subheading(say::ANSWER_TEXT);
        if text.is_empty() {
            self.remark(say::NO_TEXT);
        } else {
            self.quoted(text);
        }
    }

    fn answer_mail(&mut self, mail: &'e AnswerMail) -> Keys<'e> {
        let words = MailWords::of_answer(mail);
        self.subheading(words.received);
        if !mail.is_embedded() {
            self.remark(say::LARGE_ANSWER_NOTE);
        }
        self.message_fields(&mail.message, words);
        self.attachments(say::ANSWER_ATTACHMENTS, &mail.attachments, words);
        self.heading(say::ANSWER_AUTHENTICATION);
        let keys = self.authentication(&mail.authentication);
        self.heading(say::WAY);
        if mail.hops.is_empty() {
            self.remark(say::NO_HOPS);
            return keys;
        }
        self.remark(say::HOPS_NOTE);
        let hops = mail.hops.iter().take(ROWS_MAX).enumerate();
        let rows = hops.map(|(index, hop)| self.hop(index + 1, hop)).collect();
        self.blocks.push(Block::Table {
            columns: HOP_COLUMNS,
            rows,
        });
        self.rest(mail.hops.len());
        keys
    }

    fn hop(&mut self, number: usize, hop: &HopRow) -> Row {
        let mut from = self.captured(hop.from_name.as_deref(), say::NO_HOP_PART);
        if let Some(ip) = &hop.from_ip {
            from.push(self.quiet(&format!("IP {ip}")));
        }
        let by = self.captured(hop.by.as_deref(), say::NO_HOP_PART);
        let times = match hop.at {
            Some(at) => self.both_zones(at),
            None => say::NO_HOP_TIME.both(),
        };
        let standing = if hop.is_attested {
            say::HOP_ATTESTED
        } else {
            say::HOP_CLAIM
        };
        Row {
            cells: vec![
                vec![self.plain(&number.to_string())],
                from,
                by,
                fixed(standing),
            ],
            below: vec![self.quiet(&times)],
        }
    }

    fn answer_sms(&mut self, sms: &AnswerSms) {
        self.heading(say::WAY);
        self.remark(say::SMS_NOTE);
        let id = sms.provider_message_id.as_deref();
        let fields = vec![
            self.field(say::FROM, Some(sms.from.as_str()), general::NO_VALUE),
            self.field(say::TO, Some(&sms.to), general::NO_VALUE),
            self.field(say::PROVIDER, Some(&sms.provider), general::NO_VALUE),
            self.field(general::PROVIDER_ID, id, say::NO_SMS_ID),
            self.field(say::CARRIER, sms.carrier.as_deref(), say::NO_CARRIER),
        ];
        self.blocks.push(Block::Fields(fields));
    }

    fn answer_link(&mut self, link: &AnswerLink) {
        self.heading(say::WAY);
        self.remark(match link.source_ip_seen_by {
            SeenBy::WebServer => say::LINK_NOTE,
            SeenBy::Cdn => say::LINK_NOTE_BEHIND_CDN,
        });
        let agent = link.user_agent.as_deref();
        let fields = vec![
            self.field(say::SOURCE_IP, Some(&link.source_ip), general::NO_VALUE),
            self.field(say::USER_AGENT, agent, say::NO_USER_AGENT),
        ];
        self.blocks.push(Block::Fields(fields));
    }

    /// The annexes.
    pub(super) fn end(
        &mut self,
        checks: &[&[Words]],
        offered: Option<&ContractSection>,
        answer: Option<&AnswerMail>,
        keys: &[Keys<'_>],
    ) {
        self.part(general::ANNEXES);
        self.list(general::HOW_TO_CHECK, checks);
        if let Some(delivered) = offered.and_then(|contract| contract.mail.as_ref()) {
            self.notices(delivered);
        }
        self.embedded_files();
        self.records();
        self.keys(keys);
        if let Some(contract) = offered {
            self.header(&contract.message.raw_header, &MailWords::ORIGINAL);
        }
        if let Some(mail) = answer {
            self.header(&mail.message.raw_header, MailWords::of_answer(mail));
        }
        self.versions();
    }

    pub(super) fn subheading(&mut self, words: Words) {
        self.blocks.push(Block::Subheading {
            words,
            detail: None,
        });
    }

    /// A text that has no file of its own.
    fn quoted(&mut self, text: &str) {
        let text = self.screen.show(text, Lines::Text, BODY);
        let cut = text.cut;
        self.blocks.push(Block::Quotation {
            text,
            kind: Quotation::Body,
        });
        self.cut(cut, IN_RECORDS);
    }
}

fn road_words(road: &AnswerRoad) -> Words {
    match road {
        AnswerRoad::Mail(_) => say::BY_MAIL,
        AnswerRoad::Sms(_) => say::BY_SMS,
        AnswerRoad::Link(_) => say::BY_LINK,
    }
}
