//! What was decided about each submission, with the serials and reserved points that follow from
//! it, and its dispatches or their plan: all in one transaction, or nothing.

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use domain::limits::SMS_PER_ACCOUNT_AND_DAY_MAX;
use domain::{
    AccountId, EmailAddress, Named, NoticeState, Serial, SerialNumber, Sha256Digest, SubmissionId,
    Terms, UnvouchedCount, UnvouchedTally,
};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use workflow::ports::{
    Acceptance, AcceptanceResult, FindIntake, PortResult, RecordIntake, RefusalRecord,
    StoredIntake, Unfolding, UnvouchedRecord,
};

use super::access::DELETE_AFTER;
use super::billing::PostingWrites;
use super::contention::Contention;
use super::dispatch_item::{key_of_intake, key_of_serial_counter};
use super::item::{Item, ItemError, Reader, count, item, map, number, text, texts};
use super::notice::{notice_from_map, notice_to_map};
use super::reasons::{distrust_from_json, distrust_to_json, refusals_from_json, refusals_to_json};
use super::summaries::new_summary;
use super::turn::{Write, wait_for_turn};
use super::unfolding::plan_to_item;
use super::uses::NotUsed;
use super::write::{Update, Writes, put_new};
use super::{Tables, authentication, unreadable};
use crate::fault::permanent;

const FINDING: &str = "finding what was decided about a submission";
const ACCEPTING: &str = "recording an accepted submission";
const REFUSING: &str = "recording a refused mail";
const FINDING_REPEATED: &str = "finding the mail that a mail repeats";
const COUNTING_SMS: &str = "counting the SMS of a day";
const DISTRUSTING: &str = "recording a mail that nobody vouches for";
const MOVING_NOTICE: &str = "moving a notice about a submission on";

/// How long counters are kept after they have served, in days; DynamoDB deletes them some time
/// later.
const COUNTER_KEPT_DAYS: i64 = 90;

impl FindIntake for Tables {
    async fn find_intake(&self, id: &SubmissionId) -> PortResult<Option<StoredIntake>> {
        self.read(FINDING, self.dispatches_table()?, key_of_intake(id))
            .await?
            .map(|found| intake_from_item(&found).map_err(unreadable(FINDING)))
            .transpose()
    }
}

impl RecordIntake for Tables {
    async fn find_repeated(
        &self,
        account: &AccountId,
        marks: &[Sha256Digest],
    ) -> PortResult<Option<SubmissionId>> {
        for mark in marks {
            let key = key_of_mark(account, mark);
            let found = self
                .read(FINDING_REPEATED, self.dispatches_table()?, key)
                .await?;
            if let Some(found) = found {
                let first = Reader(&found).parse("submission_id");
                return first.map(Some).map_err(unreadable(FINDING_REPEATED));
            }
        }
        Ok(None)
    }

    async fn sms_of_day(&self, account: &AccountId, at: Timestamp) -> PortResult<u32> {
        let key = key_of_sms_count(account, at);
        let found = self.read(COUNTING_SMS, self.access_table()?, key).await?;
        found.map_or(Ok(0), |found| {
            Reader(&found)
                .number("used")
                .map_err(unreadable(COUNTING_SMS))
        })
    }

    async fn record_acceptance(&self, acceptance: &Acceptance) -> PortResult<AcceptanceResult> {
        let id = &acceptance.submission;
        let mut contention = Contention::begin();
        let mut is_latest_use = true;
        loop {
            let last = self.last_serial(ACCEPTING, &acceptance.account).await?;
            let writes = self.acceptance(acceptance, last, is_latest_use)?;
            let Err(lost) = writes.send(&self.client, ACCEPTING).await? else {
                return Ok(AcceptanceResult::Written(acceptance.stored()));
            };
            if lost.condition_failed(Write::Intake)
                && let Some(stored) = self.find_intake(id).await?
            {
                return Ok(AcceptanceResult::Written(stored));
            }
            if lost.condition_failed(Write::Mark) {
                let (account, marks) = (&acceptance.account, &acceptance.marks);
                if let Some(first) = self.find_repeated(account, marks).await? {
                    return Ok(AcceptanceResult::Repeated(first));
                }
                // Gone between the write and the read, which nothing does: again, then.
                continue;
            }
            if lost.condition_failed(Write::Balance) || lost.condition_failed(Write::Sms) {
                return Ok(AcceptanceResult::PointsGone);
            }
            if lost.condition_failed(Write::Use) {
                let (account, at) = (&acceptance.account, acceptance.accepted_at);
                match self.why_not_used(account, at).await? {
                    NotUsed::UsedLater => is_latest_use = false,
                    NotUsed::Lapsed => return Ok(AcceptanceResult::PointsGone),
                    NotUsed::NoAccount => return Err(permanent(ACCEPTING, "no such account")),
                }
                continue;
            }
            wait_for_turn(ACCEPTING, &lost, &mut contention).await?;
        }
    }

    async fn record_refusal(&self, refusal: &RefusalRecord) -> PortResult<StoredIntake> {
        let id = SubmissionId::of_mail(&refusal.inbound);
        let mut contention = Contention::begin();
        loop {
            let last = self.last_serial(REFUSING, &refusal.account).await?;
            let (stored, writes) = self.refusal(refusal, last)?;
            let Err(lost) = writes.send(&self.client, REFUSING).await? else {
                return Ok(stored);
            };
            if lost.condition_failed(Write::Intake)
                && let Some(stored) = self.find_intake(&id).await?
            {
                return Ok(stored);
            }
            wait_for_turn(REFUSING, &lost, &mut contention).await?;
        }
    }

    async fn record_unvouched(&self, record: &UnvouchedRecord) -> PortResult<StoredIntake> {
        let id = SubmissionId::of_mail(&record.inbound);
        let mut contention = Contention::begin();
        loop {
            let key = key_of_tally(&record.sender);
            let found = self.read(DISTRUSTING, self.access_table()?, key).await?;
            let (tally, version) = found
                .map(|found| tally_from_item(&found))
                .transpose()
                .map_err(unreadable(DISTRUSTING))?
                .unwrap_or_default();
            let (stored, writes) = self.unvouched(record, &tally, version)?;
            let Err(lost) = writes.send(&self.client, DISTRUSTING).await? else {
                return Ok(stored);
            };
            if lost.condition_failed(Write::Intake)
                && let Some(stored) = self.find_intake(&id).await?
            {
                return Ok(stored);
            }
            wait_for_turn(DISTRUSTING, &lost, &mut contention).await?;
        }
    }

    async fn move_intake_notice(
        &self,
        id: &SubmissionId,
        from: &NoticeState,
        to: &NoticeState,
    ) -> PortResult<bool> {
        let update = Update::of(self.dispatches_table()?, key_of_intake(id))
            .set("notice", notice_to_map(to))
            .when("notice", notice_to_map(from));
        let written = update.send_through(&self.client, MOVING_NOTICE).await?;
        Ok(written.is_some())
    }
}

impl Tables {
    pub(super) async fn last_serial(
        &self,
        operation: &'static str,
        account: &AccountId,
    ) -> PortResult<Option<u64>> {
        let key = key_of_serial_counter(account);
        self.read(operation, self.dispatches_table()?, key)
            .await?
            .map(|counter| {
                Reader(&counter)
                    .number("last")
                    .map_err(unreadable(operation))
            })
            .transpose()
    }

    /// Gives out serials, if none were given out since the counter was read.
    pub(super) fn advance_serial(
        &self,
        account: &AccountId,
        last: Option<u64>,
        count: u64,
    ) -> PortResult<TransactWriteItem> {
        let next = last.unwrap_or(0).saturating_add(count);
        let counter = Update::of(self.dispatches_table()?, key_of_serial_counter(account))
            .set("last", number(next));
        match last {
            Some(last) => counter.when("last", number(last)),
            None => counter.when_missing("last"),
        }
        .in_transaction()
    }

    /// The submission with all that becomes of it, or with the plan of that. Beside the plan
    /// nothing grows with its recipients.
    fn acceptance(
        &self,
        acceptance: &Acceptance,
        last: Option<u64>,
        is_latest_use: bool,
    ) -> PortResult<Writes<Write>> {
        let table = self.dispatches_table()?;
        let (account, at) = (&acceptance.account, acceptance.accepted_at);
        let plan = acceptance.plan_after(last.unwrap_or(0));
        let count = u64::try_from(plan.dispatches.len()).unwrap_or(u64::MAX);
        let PostingWrites { balance, lines } =
            self.posting(&plan.reservation(acceptance.unfolding()))?;
        let mut writes = Writes::new();
        let intake = intake_to_item(&acceptance.submission, &acceptance.stored());
        writes.add(Write::Intake, put_new(table, intake, "pk")?);
        writes.add(Write::Serial, self.advance_serial(account, last, count)?);
        writes.add_all(Write::Balance, balance);
        writes.add(Write::Use, self.record_use(account, at, is_latest_use)?);
        for mark in &acceptance.marks {
            let mut known = key_of_mark(account, mark);
            known.extend(item([("submission_id", text(&acceptance.submission))]));
            writes.add(Write::Mark, put_new(table, known, "pk")?);
        }
        if let sms @ 1.. = sms_of(acceptance) {
            writes.add(Write::Sms, self.count_sms(acceptance, sms)?);
        }
        if acceptance.summary.is_some() {
            let summary = new_summary(&acceptance.submission, plan.dispatches.len());
            writes.add(Write::Summary, put_new(table, summary, "pk")?);
        }
        writes.add_all(Write::Line, lines);
        match acceptance.unfolding() {
            Unfolding::AtOnce => self.add_dispatches(&mut writes, plan.dispatches())?,
            Unfolding::Planned => {
                let plan = put_new(table, plan_to_item(&plan), "pk")?;
                writes.add(Write::Plan, plan);
            }
        }
        Ok(writes)
    }

    /// Counts the SMS of the day, if there are so many left.
    fn count_sms(&self, acceptance: &Acceptance, sms: u32) -> PortResult<TransactWriteItem> {
        let at = acceptance.accepted_at;
        let key = key_of_sms_count(&acceptance.account, at);
        Update::of(self.access_table()?, key)
            .add("used", sms)
            .set(DELETE_AFTER, number(deleted_after(at)))
            .when_at_most("used", SMS_PER_ACCOUNT_AND_DAY_MAX.saturating_sub(sms))
            .in_transaction()
    }

    /// The mail and its sender's tally, if that is still the one that was read.
    fn unvouched(
        &self,
        record: &UnvouchedRecord,
        tally: &UnvouchedTally,
        version: u64,
    ) -> PortResult<(StoredIntake, Writes<Write>)> {
        let (after, count) = tally.count(record.refused_at);
        let stored = StoredIntake::Unvouched {
            sender: record.sender.clone(),
            refused_at: record.refused_at,
            reasons: record.reasons.clone(),
            told: count.map(|count| (count, NoticeState::Pending)),
        };
        let table = self.dispatches_table()?;
        let counter = Update::of(self.access_table()?, key_of_tally(&record.sender))
            .set("waiting", texts(&after.waiting))
            .set("more", number(after.more))
            .set("version", number(version.saturating_add(1)))
            .set(DELETE_AFTER, number(deleted_after(record.refused_at)));
        let counter = match after.told_at {
            Some(told_at) => counter.set("told_at", text(told_at)),
            None => counter.remove("told_at"),
        };
        let counter = match version {
            0 => counter.when_missing("version"),
            _ => counter.when("version", number(version)),
        };
        let intake = intake_to_item(&SubmissionId::of_mail(&record.inbound), &stored);
        let mut writes = Writes::new();
        writes.add(Write::Intake, put_new(table, intake, "pk")?);
        writes.add(Write::Tally, counter.in_transaction()?);
        Ok((stored, writes))
    }

    fn refusal(
        &self,
        refusal: &RefusalRecord,
        last: Option<u64>,
    ) -> PortResult<(StoredIntake, Writes<Write>)> {
        let number = SerialNumber::after(last.unwrap_or(0));
        let stored = StoredIntake::Refused {
            serial: Serial::new(refusal.account.clone(), number),
            sender: refusal.sender.clone(),
            refused_at: refusal.refused_at,
            reasons: refusal.reasons.clone(),
            notice: NoticeState::Pending,
        };
        let mut intake = intake_to_item(&SubmissionId::of_mail(&refusal.inbound), &stored);
        // By it the list of the account's serials names the mail.
        intake.extend(item([("inbound_id", text(&refusal.inbound))]));
        let mut writes = Writes::new();
        let intake = put_new(self.dispatches_table()?, intake, "pk")?;
        writes.add(Write::Intake, intake);
        let serial = self.advance_serial(&refusal.account, last, 1)?;
        writes.add(Write::Serial, serial);
        Ok((stored, writes))
    }
}

/// Never deleted: a mail is accepted once per account, however old it gets.
fn key_of_mark(account: &AccountId, mark: &Sha256Digest) -> Item {
    item([
        ("pk", text(format!("MARK#{account}#{mark}"))),
        ("sk", text("MARK")),
    ])
}

fn key_of_sms_count(account: &AccountId, at: Timestamp) -> Item {
    let day = at.to_zoned(TimeZone::UTC).date();
    item([
        ("pk", text(format!("SMS#{account}#{day}"))),
        ("sk", text("COUNT")),
    ])
}

fn key_of_tally(sender: &EmailAddress) -> Item {
    item([
        ("pk", text(format!("UNVOUCHED#{}", sender.key()))),
        ("sk", text("TALLY")),
    ])
}

fn tally_from_item(item: &Item) -> Result<(UnvouchedTally, u64), ItemError> {
    let item = Reader(item);
    let tally = UnvouchedTally {
        told_at: item.optional_parse("told_at")?,
        waiting: item.parse_all("waiting")?,
        more: item.number("more")?,
    };
    Ok((tally, item.number("version")?))
}

/// In seconds since 1970, as DynamoDB wants it.
fn deleted_after(at: Timestamp) -> u64 {
    let after = SignedDuration::from_hours(COUNTER_KEPT_DAYS * 24);
    let seconds = at.saturating_add(after).map(Timestamp::as_second);
    seconds
        .ok()
        .and_then(|seconds| u64::try_from(seconds).ok())
        .unwrap_or(u64::MAX)
}

/// How many of the recipients get an SMS.
fn sms_of(acceptance: &Acceptance) -> u32 {
    let recipients = acceptance.dispatches.iter().map(|new| &new.recipient);
    let mobiles = recipients.filter(|recipient| recipient.mobile().is_some());
    u32::try_from(mobiles.count()).unwrap_or(u32::MAX)
}

fn intake_to_item(id: &SubmissionId, intake: &StoredIntake) -> Item {
    let mut stored = key_of_intake(id);
    stored.extend(match intake {
        StoredIntake::Accepted {
            recipients,
            unfolding,
            subject,
            authentication: evidence,
            terms,
            notice,
            summary,
        } => {
            let mut accepted = item([
                ("decision", text("accepted")),
                ("recipients", count(*recipients)),
                ("unfolding", text(unfolding.name())),
                ("subject", text(subject)),
                ("authentication", text(authentication::to_json(evidence))),
                ("terms", terms_to_map(terms)),
            ]);
            let notice = notice.as_ref().map(notice_to_map);
            accepted.extend(notice.map(|notice| ("notice".to_owned(), notice)));
            let summary = summary.as_ref().map(|token| text(token.as_str()));
            accepted.extend(summary.map(|token| ("summary_token".to_owned(), token)));
            accepted
        }
        // Without a serial, and so in no list of the account.
        StoredIntake::Unvouched {
            sender,
            refused_at,
            reasons,
            told,
        } => {
            let mut unvouched = item([
                ("decision", text("unvouched")),
                ("sender", text(sender)),
                ("refused_at", text(refused_at)),
                ("reasons", text(distrust_to_json(reasons))),
            ]);
            if let Some((count, notice)) = told {
                unvouched.extend(item([
                    ("told_times", texts(&count.refused_at)),
                    ("told_more", number(count.more)),
                    ("notice", notice_to_map(notice)),
                ]));
            }
            unvouched
        }
        // With account and serial, which put it into the index `by-account` (P-071).
        StoredIntake::Refused {
            serial,
            sender,
            refused_at,
            reasons,
            notice,
        } => item([
            ("decision", text("refused")),
            ("account_id", text(serial.account())),
            ("serial", text(serial)),
            ("sender", text(sender)),
            ("refused_at", text(refused_at)),
            ("reasons", text(refusals_to_json(reasons))),
            ("notice", notice_to_map(notice)),
        ]),
    });
    stored
}

fn terms_to_map(terms: &Terms) -> AttributeValue {
    map([
        ("company", text(&terms.company)),
        ("contact", text(&terms.contact)),
        ("mail", text(&terms.mail)),
        ("zone", text(terms.zone.as_str())),
        ("language", text(terms.language.name())),
        ("rules_version", text(&terms.rules_version)),
        ("price_table_version", text(&terms.price_table_version)),
    ])
}

fn terms_from_map(map: Reader<'_>) -> Result<Terms, ItemError> {
    Ok(Terms {
        company: map.text("company")?.to_owned(),
        contact: map.text("contact")?.to_owned(),
        mail: map.parse("mail")?,
        zone: map.parse("zone")?,
        language: map.value("language")?,
        rules_version: map.text("rules_version")?.to_owned(),
        price_table_version: map.text("price_table_version")?.to_owned(),
    })
}

pub(super) fn intake_from_item(item: &Item) -> Result<StoredIntake, ItemError> {
    let item = Reader(item);
    match item.text("decision")? {
        "accepted" => Ok(StoredIntake::Accepted {
            recipients: item.number("recipients")?,
            unfolding: item.value("unfolding")?,
            subject: item.text("subject")?.to_owned(),
            authentication: Box::new(authentication::from_json(item.text("authentication")?)?),
            terms: Box::new(terms_from_map(item.map("terms")?)?),
            notice: item
                .optional_map("notice")?
                .map(notice_from_map)
                .transpose()?,
            summary: item.optional_parse("summary_token")?,
        }),
        "unvouched" => Ok(StoredIntake::Unvouched {
            sender: item.parse("sender")?,
            refused_at: item.parse("refused_at")?,
            reasons: distrust_from_json(item.text("reasons")?)?,
            told: match item.optional_map("notice")? {
                Some(notice) => {
                    let count = UnvouchedCount {
                        refused_at: item.parse_all("told_times")?,
                        more: item.number("told_more")?,
                    };
                    Some((count, notice_from_map(notice)?))
                }
                None => None,
            },
        }),
        "refused" => Ok(StoredIntake::Refused {
            serial: item.parse("serial")?,
            sender: item.parse("sender")?,
            refused_at: item.parse("refused_at")?,
            reasons: refusals_from_json(item.text("reasons")?)?,
            notice: notice_from_map(item.map("notice")?)?,
        }),
        _ => Err(ItemError {
            attribute: "decision",
        }),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use domain::limits::{
        ANSWER_TEXT_BYTES_MAX, DNS_ANSWER_BYTES_MAX, RECIPIENTS_MAX, SUBJECT_BYTES_MAX,
    };
    use domain::{
        AnswerDeadline, AnswerToken, AuthenticationEvidence, Distrust, Doubt, Language, Offer,
        OfferOrder, Origin, Points, Product, Recipient, Refusal, SpfResult, SummaryToken,
        ThreadKey, TrustSetting, Vouched,
    };
    use jiff::Timestamp;
    use mail::{DnsAnswers, SignedMail, TxtAnswer};
    use std::collections::BTreeSet;
    use workflow::ports::NewDispatch;

    use super::super::item::testing::{ITEM_BYTES_MAX, size_of};
    use super::*;
    use crate::tables::authentication::tests::evidence;

    #[test]
    fn what_was_decided_survives_storage() {
        let at: Timestamp = "2026-01-05T00:00:00.000001Z".parse().unwrap();
        let id: SubmissionId = "abc".parse().unwrap();
        let accepted = |notice, unfolding| StoredIntake::Accepted {
            recipients: 2,
            unfolding,
            subject: "見積書".to_owned(),
            authentication: Box::new(evidence()),
            terms: Box::new(terms()),
            notice,
            summary: (unfolding == Unfolding::Planned).then(|| SummaryToken::new(7)),
        };
        let unvouched = |told| StoredIntake::Unvouched {
            sender: "taro@example.jp".parse().unwrap(),
            refused_at: at,
            reasons: Distrust {
                trust: TrustSetting::DkimOrSpf,
                doubts: vec![Doubt::NoSignature],
            },
            told,
        };
        let mut decided = vec![accepted(None, Unfolding::Planned), unvouched(None)];
        for notice in [
            NoticeState::Pending,
            NoticeState::Attempted { at },
            NoticeState::Sent {
                at,
                message_id: "0100-1".parse().unwrap(),
            },
        ] {
            decided.push(accepted(Some(notice.clone()), Unfolding::AtOnce));
            let count = UnvouchedCount {
                refused_at: vec![at, at],
                more: 3,
            };
            decided.push(unvouched(Some((count, notice.clone()))));
            decided.push(StoredIntake::Refused {
                serial: "K7Q2-000007".parse().unwrap(),
                sender: "taro@example.jp".parse().unwrap(),
                refused_at: at,
                reasons: vec![Refusal::NoRecipient, Refusal::Virus],
                notice,
            });
        }
        for stored in decided {
            assert_eq!(intake_from_item(&intake_to_item(&id, &stored)), Ok(stored));
        }
    }

    /// Those of an account.
    pub(in super::super) fn terms() -> Terms {
        Terms {
            company: "株式会社テスト".repeat(50),
            contact: "山田 太郎".to_owned(),
            mail: "somu@example.jp".parse().unwrap(),
            zone: "Asia/Tokyo".parse().unwrap(),
            language: Language::English,
            rules_version: "2026-10".to_owned(),
            price_table_version: "2026-09".to_owned(),
        }
    }

    /// As many signatures and seals as are examined; `name` gives domain and selector of each.
    fn signed_by_many(name: impl Fn(usize) -> (String, String)) -> Vec<u8> {
        let mut mail = String::new();
        for number in 0..mail::dkim::SIGNATURES_MAX {
            let (d, s) = name(number);
            mail += &format!(
                "DKIM-Signature: v=1; a=rsa-sha256; h=from; bh=AA; b=AA; d={d}; s={s}\r\n"
            );
        }
        for instance in 1..=mail::arc::SETS_MAX {
            let (d, s) = name(100 + instance);
            mail += &format!(
                "ARC-Authentication-Results: i={instance}; akashi.test; spf=pass\r\n\
                 ARC-Message-Signature: i={instance}; a=rsa-sha256; h=from; bh=AA; b=AA; d={d}; \
                 s=m{s}\r\n\
                 ARC-Seal: i={instance}; a=rsa-sha256; cv=none; b=AA; d={d}; s={s}\r\n"
            );
        }
        (mail + "From: taro@customer.test\r\n\r\nx\r\n").into_bytes()
    }

    /// What is stored of it when the DNS answers each question with as much as is kept.
    fn record_of(message: &[u8]) -> AuthenticationEvidence {
        let mut mail = SignedMail::read(message);
        let from: EmailAddress = "taro@customer.test".parse().unwrap();
        let names = mail::dkim::lookups(&mail)
            .into_iter()
            .chain(mail::arc::lookups(&mail));
        let record = "\u{1}".repeat((DNS_ANSWER_BYTES_MAX - 10) / 6);
        let answer = TxtAnswer::found(vec![record.clone()]);
        assert_eq!(answer, TxtAnswer::Found(vec![record]), "it is kept");
        let answers = DnsAnswers(names.map(|name| (name, answer.clone())).collect());
        let at = Timestamp::UNIX_EPOCH;
        let dkim = mail::dkim::verify(&mut mail, &from, &answers, at);
        let arc = mail::arc::verify(&mut mail, &answers, at);
        assert_eq!(dkim.signatures.len(), mail::dkim::SIGNATURES_MAX);
        assert_eq!(arc.sets.len(), mail::arc::SETS_MAX);
        let evidence = AuthenticationEvidence {
            verified_at: at,
            signatures: dkim.signatures,
            relied_on: dkim.relied_on,
            spf: SpfResult::NotChecked,
            by_spf: BTreeSet::new(),
            arc,
        };
        evidence.with_voucher(&Vouched::by_spf_alone())
    }

    #[test]
    fn whatever_a_mail_brings_its_record_fits_into_an_item_x_4() {
        // Names that nobody can ask for, and that JSON writes with six bytes for each of theirs.
        let endless = signed_by_many(|_| ("\u{1}".repeat(8_000), "\u{1}".repeat(8_000)));
        let labels = ["a".repeat(60), "b".repeat(60), "c".repeat(60)].join(".");
        let long = signed_by_many(|number| (format!("{labels}.test"), format!("s{number}")));
        let asked = record_of(&long);
        let stored = authentication::to_json(&asked).len();
        assert!(
            stored > 16 * DNS_ANSWER_BYTES_MAX,
            "{stored} bytes: the answers are in it"
        );
        for evidence in [record_of(&endless), asked] {
            let stored = authentication::to_json(&evidence).len();
            let accepted = StoredIntake::Accepted {
                recipients: RECIPIENTS_MAX,
                unfolding: Unfolding::Planned,
                subject: "\u{1f600}".repeat(SUBJECT_BYTES_MAX / 4),
                authentication: Box::new(evidence),
                terms: Box::new(terms()),
                notice: Some(NoticeState::Pending),
                summary: Some(SummaryToken::new(u128::MAX)),
            };
            let size = size_of(&intake_to_item(&"abc".parse().unwrap(), &accepted));
            assert!(size < ITEM_BYTES_MAX, "{size}");
            // Beside an answer it stands with the answer's words.
            let size = stored + ANSWER_TEXT_BYTES_MAX;
            assert!(size < ITEM_BYTES_MAX, "{size}");
        }
    }

    #[test]
    fn recipients_get_the_next_serials_in_their_order_p_071() {
        let offer = |bits| {
            Product::Contract(Offer {
                order: OfferOrder::MailThenSms,
                deadline: AnswerDeadline::default(),
                answer_until: "2026-02-04T00:00:00Z".parse().unwrap(),
                token: AnswerToken::new(bits),
            })
        };
        let acceptance = Acceptance {
            submission: "abc".parse().unwrap(),
            origin: Origin::Mail {
                inbound: "abc".parse().unwrap(),
                sender: "taro@example.jp".parse().unwrap(),
            },
            account: "K7Q2".parse().unwrap(),
            dispatches: vec![
                NewDispatch {
                    recipient: Recipient::Mail("a@example.jp".parse().unwrap()),
                    product: offer(1),
                    thread: ThreadKey::new(3),
                },
                NewDispatch {
                    recipient: Recipient::Mobile("+819012345678".parse().unwrap()),
                    product: offer(2),
                    thread: ThreadKey::new(4),
                },
            ],
            price_each: Points::new(3),
            accepted_at: "2026-01-05T00:00:00Z".parse().unwrap(),
            at_once_max: 2,
            subject: String::new(),
            authentication: evidence(),
            terms: terms(),
            marks: Vec::new(),
            is_told: false,
            summary: None,
        };
        for (last, expected) in [
            (None, ["K7Q2-000001", "K7Q2-000002"]),
            (Some(41), ["K7Q2-000042", "K7Q2-000043"]),
        ] {
            let dispatches = acceptance.plan_after(last.unwrap_or(0)).dispatches();
            let serials: Vec<_> = dispatches
                .iter()
                .map(|dispatch| dispatch.serial.to_string())
                .collect();
            assert_eq!(serials, expected);
            assert_eq!(dispatches[1].id.as_str(), "abc-02");
            for (dispatch, new) in dispatches.iter().zip(&acceptance.dispatches) {
                assert_eq!(dispatch.recipient, new.recipient);
                assert_eq!(dispatch.product, new.product);
                assert_eq!(dispatch.thread, new.thread);
            }
        }
    }
}
