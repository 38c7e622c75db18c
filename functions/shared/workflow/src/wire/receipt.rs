//! The event with which SES inbound calls a Lambda function.
//! <https://docs.aws.amazon.com/ses/latest/dg/receiving-email-action-lambda-event.html>

use domain::{EmailAddress, InboundMessageId, SpfResult, VirusVerdict};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::WireError;

/// The event as AWS sends it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReceiptEvent {
    #[serde(rename = "Records")]
    records: Vec<Record>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Record {
    ses: Ses,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Ses {
    mail: Mail,
    receipt: RawReceipt,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Mail {
    message_id: String,
    #[serde(default)]
    source: String,
    timestamp: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawReceipt {
    recipients: Vec<String>,
    #[serde(default)]
    spam_verdict: Verdict,
    #[serde(default)]
    virus_verdict: Verdict,
    #[serde(default)]
    spf_verdict: Verdict,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Verdict {
    status: String,
}

/// One received mail, as the steps see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// SES's id, under which the raw mail is stored.
    pub id: InboundMessageId,
    /// The envelope's return path, empty for bounces.
    pub envelope_from: String,
    /// The envelope recipients that the receipt rule matched.
    pub recipients: Vec<EmailAddress>,
    /// When SES received it.
    pub received_at: Timestamp,
    /// Whether SES takes it for spam.
    pub is_spam: bool,
    /// SES's malware verdict.
    pub virus: VirusVerdict,
    /// What SES found SPF to say of the envelope's return path.
    pub spf: SpfResult,
}

impl ReceiptEvent {
    /// The mails in the event; SES sends one.
    ///
    /// # Errors
    /// When an id or a time is not what AWS documents.
    pub fn receipts(self) -> Result<Vec<Receipt>, WireError> {
        self.records.into_iter().map(receipt).collect()
    }
}

fn receipt(record: Record) -> Result<Receipt, WireError> {
    let Ses { mail, receipt } = record.ses;
    Ok(Receipt {
        id: mail
            .message_id
            .parse()
            .map_err(|_| WireError::Field("mail.messageId"))?,
        envelope_from: mail.source.trim_matches(['<', '>']).to_owned(),
        // SES has matched the recipients against our own domain; what is no address is not ours.
        recipients: receipt
            .recipients
            .iter()
            .filter_map(|text| text.parse().ok())
            .collect(),
        received_at: mail
            .timestamp
            .parse()
            .map_err(|_| WireError::Field("mail.timestamp"))?,
        is_spam: receipt.spam_verdict.status == "FAIL",
        virus: match receipt.virus_verdict.status.as_str() {
            "FAIL" => VirusVerdict::Fail,
            "PASS" => VirusVerdict::Pass,
            _ => VirusVerdict::Unknown,
        },
        spf: match receipt.spf_verdict.status.as_str() {
            "PASS" => SpfResult::Pass,
            "FAIL" => SpfResult::Fail,
            "GRAY" => SpfResult::NoPolicy,
            "PROCESSING_FAILED" => SpfResult::NotChecked,
            _ => SpfResult::Unknown,
        },
    })
}
