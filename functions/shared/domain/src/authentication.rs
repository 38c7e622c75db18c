//! Who vouches for a mail: what its DKIM signatures cover, and what aligned SPF stands in for
//! . A signature that passes says nothing of a field that it does not cover: whoever holds a
//! signed mail may put such a field on top of it.

mod arc;
mod dkim;
mod evidence;
mod spf;

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::limits::{
    SIGNATURE_AGE_SECONDS_MAX, SIGNATURE_FUTURE_SECONDS_MAX, UNVOUCHED_LISTED_MAX,
    UNVOUCHED_NOTICE_SECONDS_MIN,
};
use crate::{Named, Sha256Digest};

pub use arc::{ArcFailure, ArcReport, ArcResult, ArcSet, ArcSignature};
pub use dkim::{Alignment, DkimSignature, SignatureFailure, SignatureResult, SigningAlgorithm};
pub use evidence::AuthenticationEvidence;
pub use spf::SpfResult;

/// A header field that may stand once in a mail (RFC 5322 section 3.6, RFC 2045 section 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HeaderField {
    /// `From`.
    From,
    /// `Subject`.
    Subject,
    /// `Date`.
    Date,
    /// `Message-ID`.
    MessageId,
    /// `To`.
    To,
    /// `Cc`.
    Cc,
    /// `Reply-To`.
    ReplyTo,
    /// `MIME-Version`.
    MimeVersion,
    /// `Content-Type`.
    ContentType,
    /// `Content-Transfer-Encoding`.
    ContentTransferEncoding,
    /// `Sender`.
    Sender,
    /// `Bcc`.
    Bcc,
    /// `In-Reply-To`.
    InReplyTo,
    /// `References`.
    References,
    /// `Content-ID`.
    ContentId,
    /// `Content-Description`.
    ContentDescription,
    /// `Content-Disposition`.
    ContentDisposition,
}

impl HeaderField {
    /// All of them, those that are relied on first.
    pub const ALL: [Self; 17] = [
        Self::From,
        Self::Subject,
        Self::Date,
        Self::MessageId,
        Self::To,
        Self::Cc,
        Self::ReplyTo,
        Self::MimeVersion,
        Self::ContentType,
        Self::ContentTransferEncoding,
        Self::Sender,
        Self::Bcc,
        Self::InReplyTo,
        Self::References,
        Self::ContentId,
        Self::ContentDescription,
        Self::ContentDisposition,
    ];

    /// Who has to vouch for it.
    #[must_use]
    pub fn reliance(self) -> Reliance {
        match self {
            Self::From | Self::Subject | Self::Date => Reliance::Signature,
            Self::MessageId
            | Self::To
            | Self::Cc
            | Self::ReplyTo
            | Self::MimeVersion
            | Self::ContentType
            | Self::ContentTransferEncoding => Reliance::SignatureOrSpf,
            Self::Sender
            | Self::Bcc
            | Self::InReplyTo
            | Self::References
            | Self::ContentId
            | Self::ContentDescription
            | Self::ContentDisposition => Reliance::None,
        }
    }
}

impl Named for HeaderField {
    const VALUES: &'static [Self] = &Self::ALL;

    // The name as RFCs write it.
    fn name(self) -> &'static str {
        match self {
            Self::From => "From",
            Self::Subject => "Subject",
            Self::Date => "Date",
            Self::MessageId => "Message-ID",
            Self::To => "To",
            Self::Cc => "Cc",
            Self::ReplyTo => "Reply-To",
            Self::MimeVersion => "MIME-Version",
            Self::ContentType => "Content-Type",
            Self::ContentTransferEncoding => "Content-Transfer-Encoding",
            Self::Sender => "Sender",
            Self::Bcc => "Bcc",
            Self::InReplyTo => "In-Reply-To",
            Self::References => "References",
            Self::ContentId => "Content-ID",
            Self::ContentDescription => "Content-Description",
            Self::ContentDisposition => "Content-Disposition",
        }
    }

    /// The field of a name, in any case.
    fn of_name(name: &str) -> Option<Self> {
        let is_named = |field: &Self| field.name().eq_ignore_ascii_case(name);
        Self::ALL.into_iter().find(is_named)
    }
}

/// Who has to vouch for a header field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reliance {
    /// A signature: every large signer covers it.
    Signature,
    /// A signature, or else SPF: Microsoft 365 does not sign To, Gmail not Content-Type, and Yahoo
    /// not Message-ID. A mail with another Message-ID is known again by its signature.
    SignatureOrSpf,
    /// Nobody: nothing is decided by it.
    None,
}

/// What a signature covers of the relied-on fields that a mail has. A field is covered when every
/// instance of it is; one that the mail does not have is neither covered nor uncovered, unless
/// somebody may have taken it away.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Coverage {
    covered: BTreeSet<HeaderField>,
    uncovered: BTreeSet<HeaderField>,
}

impl Coverage {
    /// Notes a field that the mail has, or ought to have. What nobody relies on is not noted.
    #[must_use]
    pub fn with(mut self, field: HeaderField, is_covered: bool) -> Self {
        if field.reliance() != Reliance::None {
            let fields = if is_covered {
                &mut self.covered
            } else {
                &mut self.uncovered
            };
            fields.insert(field);
        }
        self
    }

    /// The fields of which the signature covers every instance.
    #[must_use]
    pub fn covered(&self) -> &BTreeSet<HeaderField> {
        &self.covered
    }

    /// The fields of which an instance is there that the signature does not cover, and those of
    /// which none is there although the mail had one as it was written.
    #[must_use]
    pub fn uncovered(&self) -> &BTreeSet<HeaderField> {
        &self.uncovered
    }

    /// Whether the mail has the field and every instance of it is covered.
    #[must_use]
    pub fn covers(&self, field: HeaderField) -> bool {
        self.covered.contains(&field)
    }

    /// What only a signature could vouch for and this one does not. From must be there at all.
    fn lacking(&self) -> BTreeSet<HeaderField> {
        let mut lacking = self.uncovered_of(Reliance::Signature);
        if !self.covers(HeaderField::From) {
            lacking.insert(HeaderField::From);
        }
        lacking
    }

    fn uncovered_of(&self, reliance: Reliance) -> BTreeSet<HeaderField> {
        let uncovered = self.uncovered.iter().copied();
        uncovered
            .filter(|field| field.reliance() == reliance)
            .collect()
    }
}

/// A passing signature whose `d=` is aligned with From.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlignedSignature {
    /// Its place among all signatures of the mail, from 0.
    pub position: usize,
    /// Whether `d=` is the very domain of From.
    pub is_exact: bool,
    /// What it covers.
    pub coverage: Coverage,
    /// When it was made: `t=`, or else the Date field that it covers.
    pub made_at: Option<Timestamp>,
    /// SHA-256 of the signature's octets (`b=`).
    pub digest: Sha256Digest,
}

/// What DKIM and SPF say of a mail.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Authentication {
    /// The passing, aligned signatures, in the order of the header.
    pub signatures: Vec<AlignedSignature>,
    /// SPF passed for a domain aligned with From.
    pub spf_aligned: bool,
}

/// Who vouches for a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vouched {
    /// The place of the signature that is relied on; none where SPF alone vouches.
    pub signature: Option<usize>,
    /// The fields that only SPF vouches for, because the signature does not cover them.
    pub by_spf: BTreeSet<HeaderField>,
}

/// Why nobody vouches for a mail.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doubt {
    /// No passing signature is aligned with From.
    NoSignature,
    /// The signature does not cover every instance of these, and nothing else may stand in.
    NotSigned(BTreeSet<HeaderField>),
    /// The signature does not cover every instance of these, and SPF does not stand in.
    NotSignedNorSpf(BTreeSet<HeaderField>),
    /// The service's address stands in no signed To or Cc, and SPF does not stand in.
    NotAddressedToUs,
    /// The signature was made too long before the mail came: it may be an old mail, sent again by
    /// somebody else.
    TooOld(Timestamp),
    /// The signature was made after the mail came.
    InFuture(Timestamp),
    /// Nothing says when the signature was made.
    Undated,
}

impl Authentication {
    /// The signature that is relied on: the one that leaves the least uncovered, of these an exact
    /// one, of these the first.
    #[must_use]
    pub fn relied_on(&self) -> Option<&AlignedSignature> {
        self.signatures.iter().min_by_key(|signature| {
            let coverage = &signature.coverage;
            let by_spf = coverage.uncovered_of(Reliance::SignatureOrSpf);
            (coverage.lacking().len(), by_spf.len(), !signature.is_exact)
        })
    }

    /// Whether the sender wrote the mail as it is: an aligned signature covers what is relied on,
    /// with aligned SPF standing in where it may. This is what an answer is marked by
    /// an intake asks more, see [`decide_intake`](crate::decide_intake).
    ///
    /// # Errors
    /// Every doubt, when nobody vouches.
    pub fn vouch(&self) -> Result<Vouched, Vec<Doubt>> {
        let Some(signature) = self.relied_on() else {
            return Err(vec![Doubt::NoSignature]);
        };
        let lacking = signature.coverage.lacking();
        let by_spf = signature.coverage.uncovered_of(Reliance::SignatureOrSpf);
        let mut doubts = Vec::new();
        if !lacking.is_empty() {
            doubts.push(Doubt::NotSigned(lacking));
        }
        if !by_spf.is_empty() && !self.spf_aligned {
            doubts.push(Doubt::NotSignedNorSpf(by_spf.clone()));
        }
        if doubts.is_empty() {
            Ok(Vouched {
                signature: Some(signature.position),
                by_spf,
            })
        } else {
            Err(doubts)
        }
    }
}

impl AlignedSignature {
    /// What speaks against a signature on a mail that was received at this time: it is accepted
    /// for [`SIGNATURE_AGE_SECONDS_MAX`], counted to the receipt by SES.
    #[must_use]
    pub fn doubt_of_age(&self, received_at: Timestamp) -> Option<Doubt> {
        let Some(made_at) = self.made_at else {
            return Some(Doubt::Undated);
        };
        let age = received_at.duration_since(made_at);
        if age > SignedDuration::from_secs(SIGNATURE_AGE_SECONDS_MAX) {
            Some(Doubt::TooOld(made_at))
        } else if age < SignedDuration::from_secs(-SIGNATURE_FUTURE_SECONDS_MAX) {
            Some(Doubt::InFuture(made_at))
        } else {
            None
        }
    }
}

/// The unvouched mails of one sender, counted between two notices.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UnvouchedTally {
    /// When the newest notice was decided on.
    pub told_at: Option<Timestamp>,
    /// When the mails since then were refused, the first [`UNVOUCHED_LISTED_MAX`].
    pub waiting: Vec<Timestamp>,
    /// How many more there were.
    pub more: u32,
}

/// What one notice tells of the mails that nobody vouched for: all since the notice before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnvouchedCount {
    /// When they were refused, oldest first, the newest at the end.
    pub refused_at: Vec<Timestamp>,
    /// How many more there were in between.
    pub more: u32,
}

impl UnvouchedTally {
    /// Counts one more mail: the tally after it, and what is told now, if it is time. Whoever
    /// forges a sender makes us write to that sender at most once an hour.
    #[must_use]
    pub fn count(&self, refused_at: Timestamp) -> (Self, Option<UnvouchedCount>) {
        let interval = SignedDuration::from_secs(UNVOUCHED_NOTICE_SECONDS_MIN);
        let is_due = self
            .told_at
            .is_none_or(|told_at| refused_at.duration_since(told_at) >= interval);
        if is_due {
            let refused_at_all = self.waiting.iter().copied().chain([refused_at]).collect();
            let count = UnvouchedCount {
                refused_at: refused_at_all,
                more: self.more,
            };
            let after = Self {
                told_at: Some(refused_at),
                ..Self::default()
            };
            return (after, Some(count));
        }
        let mut after = self.clone();
        if after.waiting.len() < UNVOUCHED_LISTED_MAX {
            after.waiting.push(refused_at);
        } else {
            after.more = after.more.saturating_add(1);
        }
        (after, None)
    }
}

impl UnvouchedCount {
    /// How many mails it tells of.
    #[must_use]
    pub fn total(&self) -> usize {
        let more = usize::try_from(self.more).unwrap_or(usize::MAX);
        self.refused_at.len().saturating_add(more)
    }
}

impl Vouched {
    /// SPF vouches for all of a mail, and no signature does.
    #[must_use]
    pub fn by_spf_alone() -> Self {
        Self {
            signature: None,
            by_spf: BTreeSet::new(),
        }
    }

    /// Whether nothing but SPF vouches for a field of this mail.
    #[must_use]
    pub fn is_by_spf(&self, field: HeaderField) -> bool {
        self.signature.is_none() || self.by_spf.contains(&field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: &str = "2026-01-05T00:00:00Z";

    fn signature(position: usize, covered: &str, uncovered: &str) -> AlignedSignature {
        let fields = |names: &str| -> Vec<HeaderField> {
            names
                .split_whitespace()
                .map(|name| HeaderField::of_name(name).unwrap())
                .collect()
        };
        let covered = fields(covered).into_iter().map(|field| (field, true));
        let uncovered = fields(uncovered).into_iter().map(|field| (field, false));
        AlignedSignature {
            position,
            is_exact: true,
            coverage: covered
                .chain(uncovered)
                .fold(Coverage::default(), |coverage, (field, is_covered)| {
                    coverage.with(field, is_covered)
                }),
            made_at: Some(AT.parse().unwrap()),
            digest: Sha256Digest::new([0; 32]),
        }
    }

    fn fields(fields: &[HeaderField]) -> BTreeSet<HeaderField> {
        fields.iter().copied().collect()
    }

    #[test]
    fn a_signature_vouches_for_what_it_covers_and_spf_for_some_of_the_rest_q_21() {
        use HeaderField::{ContentType, Date, From, MessageId, Subject, To};
        let all = "from subject date message-id to cc content-type";
        for (covered, uncovered, spf, expected) in [
            (all, "", false, Ok(fields(&[]))),
            (
                "from subject date message-id",
                "to content-type",
                true,
                Ok(fields(&[To, ContentType])),
            ),
            (
                "from subject date message-id",
                "to content-type",
                false,
                Err(vec![Doubt::NotSignedNorSpf(fields(&[To, ContentType]))]),
            ),
            (
                "from",
                "subject date message-id",
                true,
                Err(vec![Doubt::NotSigned(fields(&[Subject, Date]))]),
            ),
            (
                "from subject date",
                "message-id",
                true,
                Ok(fields(&[MessageId])),
            ),
            // Mail that ends its lines with CR alone has no From for DKIM.
            ("", "", true, Err(vec![Doubt::NotSigned(fields(&[From]))])),
        ] {
            let authentication = Authentication {
                signatures: vec![signature(3, covered, uncovered)],
                spf_aligned: spf,
            };
            let expected = expected.map(|by_spf| Vouched {
                signature: Some(3),
                by_spf,
            });
            assert_eq!(authentication.vouch(), expected, "{covered} / {uncovered}");
        }
        let spf_alone = Authentication {
            signatures: Vec::new(),
            spf_aligned: true,
        };
        assert_eq!(spf_alone.vouch(), Err(vec![Doubt::NoSignature]));
    }

    #[test]
    fn the_signature_that_covers_most_is_relied_on_and_of_equals_the_exact_one_q_14() {
        let most = "from subject date message-id";
        let mut relaxed = signature(1, most, "");
        relaxed.is_exact = false;
        let signatures = vec![
            signature(0, most, "to"),
            relaxed,
            signature(2, most, ""),
            signature(3, most, ""),
        ];
        let authentication = Authentication {
            signatures,
            spf_aligned: false,
        };
        assert_eq!(authentication.relied_on().map(|one| one.position), Some(2));
    }

    #[test]
    fn every_result_has_a_code_of_its_own_and_is_found_by_it() {
        let failures = SignatureFailure::ALL.map(SignatureResult::Fail);
        let others = [
            SignatureResult::Pass,
            SignatureResult::TemporaryError("SERVFAIL".to_owned()),
        ];
        let results: Vec<_> = failures.into_iter().chain(others).collect();
        let codes: BTreeSet<_> = results.iter().map(SignatureResult::code).collect();
        assert_eq!(codes.len(), results.len());
        for result in results {
            let detail = result.detail().map(str::to_owned);
            assert_eq!(
                SignatureResult::from_code(result.code(), detail),
                Some(result)
            );
        }
        for result in ArcResult::ALL {
            assert_eq!(ArcResult::of_name(result.name()), Some(result));
        }
        for result in SpfResult::ALL {
            assert_eq!(SpfResult::of_name(result.name()), Some(result));
        }
        assert_eq!(SignatureResult::from_code("", None), None);
    }

    #[test]
    fn a_sender_hears_of_unvouched_mails_once_an_hour_and_of_all_of_them_q_30() {
        let start: Timestamp = AT.parse().unwrap();
        let after = |seconds| start + SignedDuration::from_secs(seconds);
        let (mut tally, told) = UnvouchedTally::default().count(start);
        assert_eq!(told.map(|count| count.total()), Some(1), "at once");
        let within = UNVOUCHED_LISTED_MAX + 7;
        for _ in 0..within {
            let (next, told) = tally.count(after(UNVOUCHED_NOTICE_SECONDS_MIN - 1));
            assert_eq!(told, None);
            tally = next;
        }
        let (tally, told) = tally.count(after(UNVOUCHED_NOTICE_SECONDS_MIN));
        let told = told.unwrap();
        assert_eq!((told.total(), told.more), (within + 1, 7));
        assert_eq!(told.refused_at.len(), UNVOUCHED_LISTED_MAX + 1);
        let emptied = UnvouchedTally {
            told_at: Some(after(UNVOUCHED_NOTICE_SECONDS_MIN)),
            ..UnvouchedTally::default()
        };
        assert_eq!(tally, emptied);
    }

    #[test]
    fn a_signature_has_its_time_counted_at_the_receipt_q_21() {
        let made_at: Timestamp = AT.parse().unwrap();
        let mut one = signature(0, "from", "");
        for (seconds, expected) in [
            (0, None),
            (SIGNATURE_AGE_SECONDS_MAX, None),
            (SIGNATURE_AGE_SECONDS_MAX + 1, Some(Doubt::TooOld(made_at))),
            (-SIGNATURE_FUTURE_SECONDS_MAX, None),
            (
                -SIGNATURE_FUTURE_SECONDS_MAX - 1,
                Some(Doubt::InFuture(made_at)),
            ),
        ] {
            let received_at = made_at + SignedDuration::from_secs(seconds);
            assert_eq!(one.doubt_of_age(received_at), expected, "{seconds}");
        }
        one.made_at = None;
        assert_eq!(one.doubt_of_age(made_at), Some(Doubt::Undated));
    }
}
